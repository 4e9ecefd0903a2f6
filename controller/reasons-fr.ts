import type { ReasonWords } from './explain.ts';

/** Why, in French. */
export const reasonsFr: ReasonWords = {
  reasons: {
    operator_pause: 'Arrêté par {actor} jusqu’à {until} : {why}.',
    operator_hold: 'Figé par {actor} jusqu’à {until}, rien ne croît : {why}.',
    operator_limit: 'Limité par {actor} jusqu’à {until} (messages en vol : {limit}, par seconde : {per_second}) : {why}.',
    platform_stop: 'Arrêté par la plateforme jusqu’à {until} : {word}.',
    platform_caution: 'Rien ne croît, car la plateforme a averti : {word}.',
    unpermitted_sends:
      'Rien ne croît : {seen} {seen:message a été vu|messages ont été vus} pour {permitted} {permitted:droit accordé|droits accordés}. Quelque chose envoie sans demander.',
    contradiction: 'Rien ne croît, car les données se contredisent : {what}.',
    evidence_old: 'Rien ne croît : les derniers comptes ont {seconds} s.',
    webhooks_silent:
      'Rien ne croît : les webhooks se taisent depuis {minutes} {minutes:minute|minutes} alors que des statuts étaient attendus.',
    alarm_throttled: 'Ralenti à {to} {to:message|messages} en vol : {what} ({rate} ; sain jusqu’à {accept}).',
    alarm_paused: 'En pause jusqu’à {until} : {what} ({rate} ; sain jusqu’à {accept}). Un petit essai suivra.',
    alarm_again:
      'De nouveau en pause jusqu’à {until}, deux fois plus longtemps la prochaine fois : {what} ({rate} ; sain jusqu’à {accept}).',
    shortfall_throttled:
      'Resserré à {to} {to:message|messages} en vol : {what}. Le silence n’arrête rien, il resserre seulement.',
    guardrail: 'En pause jusqu’à {until} : {what} ({rate}) ; plus de {accept} n’est jamais accepté. Un petit essai suivra.',
    held_by_pacing:
      'Rien ne croît : la plateforme retient {held} {held:message|messages} pour doser l’envoi, sans {held:l’avoir libéré ni abandonné|les avoir libérés ni abandonnés}.',
    suspected: 'Rien ne croît tant que de petits nombres n’ont pas montré que ceci n’est pas en cause dans l’arrêt de {guilty}.',
    waiting: 'En pause jusqu’à {until} ; un petit essai suivra.',
    probe: 'La pause est finie : {window} {window:message part|messages partent} en essai.',
    probe_resumed: 'La pause a été levée : {window} {window:message part|messages partent} en essai.',
    probe_full:
      'Ralenti aussi longtemps qu’une pause, et presque rien de plus ne peut partir : {window} {window:message part|messages partent} en essai.',
    probing: 'En attente des retours d’un essai de {window} {window:message|messages}.',
    probe_passed: 'L’essai de {window} {window:message|messages} était sain ; la fenêtre croît par paliers.',
    throttled:
      'Ralenti : {window} {window:message peut|messages peuvent} être en vol ; {clean} {clean:est revenu sain|sont revenus sains} depuis l’alarme.',
    recovering:
      'En reprise : {window} {window:message peut|messages peuvent} être en vol ; {clean} {clean:est revenu sain|sont revenus sains} depuis l’essai.',
    open_again:
      'Ouvert de nouveau : {clean} {clean:message est revenu sain|messages sont revenus sains}, {window} {window:peut|peuvent} être en vol.',
    growing:
      'Les retours sont sains : {window} {window:message peut|messages peuvent} être en vol ({unobserved} {unobserved:l’est|le sont}).',
    steady:
      'Tout va bien : {window} {window:message peut|messages peuvent} être en vol ({unobserved} {unobserved:l’est|le sont}).',
    new: 'Débute petit : {window} {window:message peut|messages peuvent} être en vol avant les premiers retours.',
    rested:
      'Rien n’a été envoyé depuis des jours, on reprend petit : {window} {window:message peut|messages peuvent} être en vol.',
    no_window: 'Tout va bien.',
  },
  signals: {
    undeliverable: '{events} {events:message|messages} sur {exposure} {events:n’a pas pu être remis|n’ont pas pu être remis}',
    marketing_limit:
      '{events} {events:message|messages} sur {exposure} {events:a|ont} atteint la limite marketing de la personne (131049)',
    platform_block: '{events} {events:message|messages} sur {exposure} {events:a été bloqué|ont été bloqués} par la plateforme',
    other_failure: '{events} {events:message|messages} sur {exposure} {events:a|ont} échoué',
    opt_out: '{events} {events:destinataire|destinataires} sur {exposure} {events:s’est désinscrit|se sont désinscrits}',
    complaint:
      '{events} {events:destinataire|destinataires} sur {exposure} {events:s’est plaint|se sont plaints} dans une réponse',
    delivery:
      '{events} {events:message a été remis|messages ont été remis} là où {exposure} {exposure:est habituel|sont habituels} à cet âge et à cette heure',
    read: '{events} {events:message a été lu|messages ont été lus} là où {exposure} {exposure:est habituel|sont habituels} à cet âge et à cette heure',
    reply:
      '{events} {events:message a reçu|messages ont reçu} une réponse là où {exposure} {exposure:est habituel|sont habituels} à cet âge et à cette heure',
    click:
      '{events} {events:message a été cliqué|messages ont été cliqués} là où {exposure} {exposure:est habituel|sont habituels} à cet âge et à cette heure',
    failure: '{events} {events:message|messages} sur {exposure} {events:a|ont} échoué, quelle qu’en soit la cause',
    refusal:
      '{events} {events:destinataire|destinataires} sur {exposure} {events:s’est désinscrit ou plaint|se sont désinscrits ou plaints}',
  },
  codes: {
    template_paused: 'elle a mis le modèle en pause',
    template_disabled: 'elle a désactivé le modèle',
    template_pending: 'le modèle est en cours d’examen',
    template_rejected: 'elle a refusé le modèle',
    template_archived: 'le modèle est archivé',
    template_deleted: 'le modèle est supprimé',
    template_pending_deletion: 'le modèle va être supprimé',
    template_in_appeal: 'le modèle est en appel',
    template_flagged: 'le modèle est signalé',
    template_quality_red: 'la qualité du modèle est basse',
    template_quality_yellow: 'la qualité du modèle est moyenne',
    account_disable: 'le compte est désactivé',
    account_schedule_for_disable: 'le compte va être désactivé',
    account_deleted: 'le compte est supprimé',
    account_offboarded: 'le compte est parti',
    account_restriction: 'le compte ne peut pas ouvrir de conversations',
    account_violation: 'le compte a enfreint une règle',
    number_flagged: 'le numéro est signalé',
    number_limited: 'le numéro ne peut envoyer que de façon limitée',
    number_blocked: 'le numéro ne peut pas envoyer',
    number_downgrade: 'la limite du numéro a été abaissée',
    error_368: 'blocage temporaire pour infraction aux règles (368)',
    error_131031: 'le compte est verrouillé (131031)',
    error_131037: 'le nom affiché n’est pas approuvé (131037)',
    error_131042: 'un problème de paiement (131042)',
    error_131045: 'le numéro n’a pas de certificat (131045)',
    error_131048: 'le numéro est limité pour spam (131048)',
    error_132015: 'le modèle est en pause (132015)',
    error_132016: 'le modèle est désactivé (132016)',
    error_133010: 'le numéro n’est pas enregistré (133010)',
    more_feedback_than_messages: 'plus de retours que de messages',
    log_behind: 'le journal est loin devant l’entrepôt',
    not_a_count: 'des comptes qui ne sont pas des nombres',
    clock_went_back: 'l’horloge a reculé',
    unpermitted_sends: 'des envois sans permis',
  },
  unknown: 'Raison : {code}.',
  shadow: 'Mode ombre, rien n’est refusé. {sentence}',
  nobody: 'nouvel ordre',
  isOne: (value) => Math.abs(value) < 2,
  count: new Intl.NumberFormat('fr-FR').format,
  percent: (share) => `${(100 * share).toFixed(1).replace('.', ',')}\u202f%`,
};
