/** Ce que mesurent les indicateurs, par nom ; l'anglais est dans sql/metrics/. */
export const metricsFr: Readonly<Record<string, string>> = {
  failures: 'Messages en échec sans aucune preuve de remise, par le code que la plateforme a donné.',
  refusals: 'Échecs annoncés dans la réponse à l’envoi.',
  delivered_by_age:
    'Messages tentés et remis dans les tant de minutes après leur heure / messages tentés qui ont cet âge. À demander par âge.',
  read_by_age:
    'Messages tentés et lus dans les tant de minutes après leur heure / messages tentés qui ont cet âge. Une borne basse, car chacun peut couper les accusés de lecture. À demander par âge.',
  replied_by_age:
    'Messages tentés avec une réponse comptée dans les tant de minutes après leur heure / messages tentés qui ont cet âge. À demander par âge.',
  messages: 'Tous les messages connus, quoi qu’ils soient devenus.',
  messages_requested: 'Messages que l’expéditeur a demandés.',
  messages_accepted: 'Messages que la plateforme a pris ; les retenus, une fois repartis.',
  messages_held: 'Messages que la plateforme a retenus ou suspendus à un moment.',
  messages_still_held: 'Messages retenus ou suspendus, et rien de plus depuis.',
  messages_attempted: 'Messages pris par la plateforme ou refusés à cause du destinataire, sans ceux qui sont encore retenus.',
  messages_attempted_without_blocks:
    'Messages tentés, sans ceux que la plateforme n’a pas voulu remettre (131049, 130472, 131050).',
  messages_platform_blocked:
    'Messages tentés que la plateforme n’a pas voulu remettre à cette personne (131049, 130472, 131050).',
  messages_sent: 'Messages envoyés, ou dont on a la preuve de davantage.',
  messages_delivered: 'Messages dont on a une preuve de remise.',
  messages_read: 'Messages dont on a une preuve de lecture ; une borne basse.',
  messages_played: 'Messages vocaux écoutés.',
  messages_replied: 'Messages remis avec une réponse comptée dans la fenêtre de la campagne.',
  messages_clicked: 'Messages auxquels un clic ou un bouton est rattaché.',
  messages_converted: 'Messages auxquels au moins une commande ou un objectif est attribué.',
  messages_unsubscribed: 'Messages remis auxquels une désinscription est attribuée.',
  messages_failed: 'Messages en échec sans aucune preuve de remise, refus dans la réponse compris.',
  messages_refused: 'Messages en échec dont le refus est venu dans la réponse à l’envoi.',
  messages_dropped: 'Messages d’abord retenus, puis abandonnés par la plateforme.',
  messages_expired:
    'Messages tentés restés sans fin, dont la durée de vie est passée (30 jours, authentification 10 minutes, sauf si la demande dit autre chose) et une heure de plus : la plateforme les abandonne sans un mot.',
  orders: 'Commandes attribuées.',
  delivery_rate:
    'Remis / tentés. Tenté : pris par la plateforme, ou refusé à cause du destinataire ; les messages encore retenus n’y sont pas.',
  delivery_rate_without_blocks:
    'Remis / tentés, sans les messages que la plateforme n’a pas voulu remettre à cette personne (131049, 130472, 131050).',
  read_rate: 'Lus / remis. Une borne basse, car chacun peut couper les accusés de lecture.',
  reply_rate:
    'Messages remis avec une réponse comptée dans la fenêtre de la campagne (24 heures sauf réglage) / remis. Le contexte de la réponse décide, sinon le dernier message remis avant elle.',
  click_rate: 'Messages auxquels un clic ou un bouton est rattaché / remis.',
  conversion_rate:
    'Messages auxquels au moins une commande ou un objectif est attribué / remis. C’est le dernier message remis avant, dans la fenêtre de la campagne (7 jours sauf réglage) ; à égalité, l’identifiant le plus grand.',
  unsubscribe_rate:
    'Messages remis auxquels une désinscription est attribuée dans la fenêtre de la campagne (24 heures sauf réglage) / remis. Chaque désinscription compte une fois, pour le dernier message remis avant elle.',
  failure_rate: 'Messages tentés en échec sans aucune preuve de remise / tentés.',
  platform_block_rate:
    'Messages tentés que la plateforme n’a pas voulu remettre à cette personne (131049, 130472, 131050) / tentés.',
  time_to_send: 'De la demande jusqu’à ce que la plateforme prenne le message, ou que sa retenue finisse.',
  time_held: 'Pour les messages que la plateforme a retenus ou suspendus puis laissés partir : de la demande jusqu’au départ.',
  time_to_deliver: 'De l’envoi à la première preuve de remise. Les personnes sans connexion l’allongent.',
  time_to_read: 'De la remise à la première preuve de lecture, pour les messages lus.',
  time_to_reply:
    'Le délai de réponse du client : de la remise à la première réponse comptée, pour les messages qui en ont une dans la fenêtre.',
  cost: 'Ce que les messages remis ont coûté : le tarif du jour par marché, catégorie et palier de volume, une fois à la première remise, fenêtres gratuites respectées. Les messages au prix inconnu n’y sont pas ; messages_unpriced les compte, et là où aucun prix n’est connu le coût est vide, pas 0.',
  cost_per_delivered: 'Coût / messages remis dont le coût est connu, gratuits compris.',
  cost_per_read: 'Coût / messages lus. Une borne haute, car chacun peut couper les accusés de lecture.',
  cost_per_reply: 'Coût / messages avec une réponse comptée dans la fenêtre de la campagne (24 heures sauf réglage).',
  cost_per_click: 'Coût / messages auxquels un clic ou un bouton est rattaché.',
  cost_per_conversion:
    'Coût / messages auxquels au moins une commande ou un objectif est attribué (dernier contact, 7 jours sauf réglage).',
  revenue:
    'Commandes et objectifs attribués, remboursements déduits, chacun compté une fois pour le dernier message remis avant lui dans la fenêtre de la campagne (7 jours sauf réglage), au taux de change de son jour. Ceux dont la valeur n’est pas connue sont comptés dans orders_unvalued ; là où aucune ne l’est, le revenu est vide.',
  revenue_first_touch: 'Comme le revenu, attribué au premier message remis dans la fenêtre.',
  revenue_last_click:
    'Comme le revenu, attribué au dernier message cliqué avant la commande ; les commandes sans clic ne sont à personne.',
  revenue_last_reply:
    'Comme le revenu, attribué au dernier message qui a eu une réponse avant la commande ; les commandes sans réponse ne sont à personne.',
  roas: 'Revenu attribué / coût. Les commandes qui seraient venues de toute façon y sont ; celui à croire est le ROAS incrémental d’un groupe témoin.',
  roi: '(Revenu attribué × marge − coût) / coût, pour les campagnes dont la marge est déclarée. Les commandes qui seraient venues de toute façon y sont ; celui à croire est l’incrémental d’un groupe témoin.',
  messages_charged: 'Messages remis qui ont coûté quelque chose.',
  messages_free:
    'Messages remis qui n’ont rien coûté : fenêtre ou point d’entrée gratuit, quota du mois, ou la plateforme l’a dit.',
  messages_unpriced:
    'Messages remis dont le coût n’est pas connu. Ils ne sont dans aucune somme ; docs/money.md dit comment ajouter des prix.',
  orders_unvalued:
    'Commandes attribuées sans montant, ou dans une monnaie sans taux de change ce jour-là. Elles ne sont dans aucun revenu.',
  orders_unvalued_first_touch: 'Comme orders_unvalued, pour les commandes derrière revenue_first_touch.',
  orders_unvalued_last_click: 'Comme orders_unvalued, pour les commandes derrière revenue_last_click.',
  orders_unvalued_last_reply: 'Comme orders_unvalued, pour les commandes derrière revenue_last_reply.',
  people: 'Personnes connues, au dernier calcul.',
  customers: 'Personnes avec une commande qui n’a pas été entièrement remboursée.',
  repeat_customer_rate:
    'Clients avec deux commandes ou plus / clients, quelle que soit leur ancienneté. Pour comparer à armes égales, voir repurchase_rate.',
  consent_rate:
    'Personnes dont le consentement au marketing est donné / personnes. Un consentement jamais enregistré n’en est pas un.',
  consent_withdrawn_rate: 'Personnes dont le consentement au marketing est retiré / personnes.',
  retention_rate:
    'Clients qui ont commandé dans le n-ième mois de 30 jours après leur première commande (au mois 0, une fois de plus) / clients qui ont eu ce mois en entier. À demander par months_since.',
  repurchase_rate:
    'Clients qui ont commandé à nouveau avant la fin du n-ième mois de 30 jours après leur première commande / clients qui ont eu ce mois en entier. months_since 0 : dans les 30 jours, 1 : dans les 60, 2 : dans les 90.',
  orders_per_customer:
    'Commandes dans le n-ième mois de 30 jours après la première, sans elle / clients qui ont eu ce mois en entier.',
  consents_granted: 'Consentements annoncés, les répétés compris.',
  consents_withdrawn:
    'Retraits annoncés par préférence, mot d’arrêt, bouton, refus de la plateforme (131050) ou les livres de l’expéditeur.',
  consent_grant_share: 'Consentements / (consentements + retraits).',
  nth_read_rate: 'Lus / remis, hors service. À comparer : le premier message de la semaine et le cinquième.',
  nth_reply_rate: 'Messages remis avec une réponse comptée dans la fenêtre / remis, hors service.',
  nth_unsubscribe_rate: 'Messages remis auxquels une désinscription est attribuée / remis, hors service.',
  frequency_breach_rate:
    'Messages marketing au-delà de 1 en 24 heures, 3 en 7 jours ou 8 en 30 jours (people_setting) à une même personne / messages remis demandés.',
  frequency_breaches:
    'Messages marketing au-delà de 1 en 24 heures, 3 en 7 jours ou 8 en 30 jours (people_setting) à une même personne.',
  reached_buyer_rate:
    'Clients qui ont commandé dans les 30 derniers jours / clients de plus de 90 jours, selon qu’un message leur a été remis dans les 60 jours d’avant. Ce n’est pas l’effet d’écrire : à qui l’on écrit est choisi, et diffère des autres de toute façon. Un groupe témoin dit l’effet.',
  reached_orders_per_customer:
    'Commandes des 30 derniers jours / clients de plus de 90 jours, selon qu’ils ont été atteints dans les 60 jours d’avant. Ce n’est pas l’effet d’écrire.',
  reached_spend_per_customer:
    'Dépense des 30 derniers jours, remboursements déduits, en millionièmes de la monnaie / clients de plus de 90 jours. À demander par monnaie. Ce n’est pas l’effet d’écrire.',
  segment_people:
    'Personnes dans les segments définis par des fichiers. À demander par people_segment : une personne peut être dans plusieurs.',
  segment_consent_rate: 'Personnes du segment dont le consentement au marketing est donné / personnes du segment.',
  customers_by_spend:
    'Clients avec une commande qui n’a pas été entièrement remboursée, selon ce qu’ils ont dépensé jusqu’ici, remboursements déduits.',
  stage_entries: 'Personnes entrées dans l’étape : prospect, nouveau, actif, fidèle, dormant.',
  customers_won_back: 'Personnes dormantes qui ont refait quelque chose : écrit, appuyé, cliqué ou commandé.',
  limit_use:
    'Personnes différentes à qui l’on a écrit hors fenêtre de service en 24 heures / la limite du portefeuille. Sur un quart d’heure, c’est l’usage ; sur plus long, la moyenne.',
  near_limit_share: 'Quarts d’heure avec plus de 80 % de la limite utilisés / quarts d’heure dont la limite est connue.',
  time_in_state:
    'Temps que numéros et modèles ont passé dans un état depuis le premier événement les concernant. À demander par state_of et state.',
  bad_state_share:
    'Temps signalé, suspendu, désactivé, rejeté, archivé, supprimé ou de qualité rouge / temps connu. À demander par state_of.',
  state_entries: 'Fois où numéros et modèles sont entrés dans un état.',
  throughput: 'Messages partis / secondes où au moins un est parti : le rythme pendant l’envoi.',
  messages_throttled: 'Messages refusés parce qu’envoyés trop vite (130429 débit, 131056 à une même personne, 80007 compte).',
  reply_answers:
    'Messages de service remis à des personnes dont le dernier mot, dans les 24 heures d’avant, répondait à un message de la campagne. Ils vont au quart d’heure où ce message a commencé.',
  reply_cost: 'Ce que ces réponses ont coûté. Celles au prix inconnu n’y sont pas ; là où aucun n’est connu, il est vide.',
  messages_inbound: 'Messages reçus qui comptent comme réponse. Les réactions, mots d’arrêt et messages de groupe n’y sont pas.',
  turns: 'Fois où des clients ont commencé à attendre une réponse.',
  turns_unanswered: 'Attentes restées sans réponse dans les 72 heures, celles en cours comprises.',
  answer_rate_5m: 'Attentes qui ont eu une réponse dans les 5 minutes / attentes.',
  answer_rate_2h: 'Attentes qui ont eu une réponse dans les 2 heures / attentes.',
  service_window_use: 'Attentes qui ont eu une réponse dans les 24 heures où écrire est gratuit / attentes.',
  time_to_answer:
    'Notre délai de réponse : du premier message d’une attente à la réponse, pour celles qui l’ont eue dans les 72 heures.',
  nps: '(Notes de 9 et 10 − notes de 0 à 6) / notes, de −1 à 1. Les notes sont des boutons ou lignes de liste nommés nps:0 à nps:10, ou des formulaires avec un champ nps.',
  satisfaction_rate:
    'Notes de 4 et 5 / notes de 1 à 5. Les notes sont des boutons ou lignes de liste nommés csat:1 à csat:5, ou des formulaires avec un champ csat.',
};
