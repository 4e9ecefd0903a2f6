/*
name: waba_portfolio
kind: view
layer: staging
grain: one registered WhatsApp business account
description: The portfolio that each WhatsApp business account belongs to, by its newest registration.
columns:
  waba_id: WhatsApp business account
  portfolio_id: business portfolio
*/
SELECT id AS waba_id, parent_id AS portfolio_id
FROM dim_registry
WHERE kind = 'waba'
QUALIFY row_number() OVER (PARTITION BY id ORDER BY changed_at DESC, command_id DESC) = 1
