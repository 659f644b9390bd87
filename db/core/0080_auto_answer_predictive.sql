-- A queue's members may have their phones answer by themselves when the queue has called the customer.

ALTER TABLE agent_group
  ADD COLUMN auto_answer_predictive TINYINT NOT NULL DEFAULT 1 COMMENT 'phones are asked to answer by themselves when a dialler has called the customer' AFTER auto_answer_click;
