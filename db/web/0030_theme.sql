-- Light, dark or as the system: chosen by each user.
ALTER TABLE user ADD COLUMN theme ENUM('system','light','dark') NOT NULL DEFAULT 'system';
