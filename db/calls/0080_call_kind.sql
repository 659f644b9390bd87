-- How a call came to be, beside its direction (001 3.3.4): from a page, by a dialler.

ALTER TABLE calls
  ADD kind ENUM('in','out','internal','click','predictive') NOT NULL DEFAULT 'in'
    COMMENT 'the direction, unless a page (click) or a dialler (predictive) has asked for it' AFTER direction;

UPDATE calls SET kind = direction WHERE direction <> 'in';

UPDATE calls c JOIN event e ON e.call_id = c.id AND e.type = 10 AND e.fields LIKE '%"click":true%'
  SET c.kind = 'click' WHERE c.direction <> 'in';
