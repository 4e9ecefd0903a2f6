/*
name: experiment_arm
kind: view
layer: staging
grain: one arm of one experiment
description: The arms of each experiment as its newest registration has them.
columns:
  experiment_id: experiment
  place: {description: in the order of the registration, unit: from 1}
  arm_id: arm
  name: as registered
  weight: share of people, relative to the other arms
  is_holdout: gets no message
  send_after_h: {description: between the assignment and this arm's send, unit: hours}
*/
SELECT
  experiment_id,
  place,
  arm.id AS arm_id,
  arm.name AS name,
  arm.weight AS weight,
  arm.holdout AS is_holdout,
  coalesce(arm.send_after_hours, 0) AS send_after_h
FROM (
  SELECT experiment_id, unnest(list) AS arm, generate_subscripts(list, 1) AS place
  FROM (
    SELECT experiment_id, from_json(arms,
      '[{"id":"VARCHAR","name":"VARCHAR","weight":"DOUBLE","holdout":"BOOLEAN","send_after_hours":"INTEGER"}]') AS list
    FROM experiment_definition
  )
)
