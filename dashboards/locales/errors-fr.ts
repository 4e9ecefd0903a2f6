/** An error in French: what happened, and how to mend it. */
export interface ErrorFr {
  title: string;
  mend: string;
}

/** Les erreurs du catalogue, par code ; l'anglais est dans sql/errors.ts et sql/refusals.ts. */
export const errorsFr = {
  config_invalid: {
    title: 'Un réglage est faux',
    mend: 'Corrigez le réglage nommé ; .env.example les liste tous avec leurs valeurs par défaut.',
  },
  unauthorized: {
    title: 'Aucun jeton valable',
    mend: 'Envoyez « Authorization: Bearer <jeton> » avec un jeton de SLUICE_TOKENS.',
  },
  forbidden: { title: 'Le jeton n’a pas ce droit', mend: 'Prenez un jeton dont le rôle figure dans le détail.' },
  csrf_invalid: {
    title: 'Le jeton du formulaire manque ou est trop ancien',
    mend: 'Rechargez la page et renvoyez le formulaire.',
  },
  not_found: { title: 'Il n’y a rien ici', mend: 'Vérifiez l’adresse ; /openapi.json liste tout ce qui existe.' },
  method_not_allowed: { title: 'L’adresse existe, la méthode non', mend: 'Prenez une méthode de l’en-tête Allow.' },
  not_acceptable: {
    title: 'Aucun format accepté ne peut être donné',
    mend: 'Acceptez application/json, text/csv ou application/vnd.apache.arrow.stream.',
  },
  body_too_large: { title: 'Le corps est trop grand', mend: 'Envoyez moins en une requête ; la limite est dans le détail.' },
  media_type_unsupported: {
    title: 'Ce genre de corps n’est pas lu ici',
    mend: 'Envoyez l’un des types de contenu du détail.',
  },
  body_unreadable: {
    title: 'Le corps ne peut pas être lu',
    mend: 'Envoyez du JSON bien formé en UTF-8 (ou du NDJSON là où il est offert).',
  },
  input_invalid: { title: 'Ce qui a été saisi ne convient pas', mend: 'Corrigez le champ nommé dans le détail.' },
  query_invalid: {
    title: 'La question ne convient pas',
    mend: 'Corrigez le paramètre nommé dans le détail ; /v1/metrics/catalog liste ce qui existe.',
  },
  rate_limited: { title: 'Trop de requêtes', mend: 'Attendez aussi longtemps que le dit Retry-After.' },
  scope_unknown: {
    title: 'On ne sait rien de ce périmètre',
    mend: 'Nommez-en un que GET /v1/control liste, ou enregistrez d’abord la campagne.',
  },
  control_starting: {
    title: 'Le contrôleur lit encore le journal',
    mend: 'Réessayez dans quelques secondes ; rien n’est accordé d’ici là.',
  },
  server_not_running: {
    title: 'Aucun serveur ne tourne sur ce dossier de données',
    mend: 'Démarrez-le par « sluice serve », ou donnez à SLUICE_DATA_DIR le dossier de celui qui tourne.',
  },
  webhook_verify_refused: {
    title: 'Le jeton de vérification ne correspond pas',
    mend: 'Donnez à SLUICE_WEBHOOK_VERIFY_TOKEN le jeton saisi dans l’application Meta.',
  },
  webhook_signature_missing: {
    title: 'L’en-tête de signature manque',
    mend: 'Meta envoie X-Hub-Signature-256 ; vérifiez qu’aucun proxy ne le retire.',
  },
  webhook_signature_invalid: {
    title: 'La signature ne correspond pas au corps',
    mend: 'Donnez à SLUICE_WEBHOOK_APP_SECRETS le secret de l’application, et qu’aucun proxy ne réécrive le corps.',
  },
  webhook_body_invalid: {
    title: 'Le corps signé n’est pas du JSON',
    mend: 'Rien à faire si c’était un essai ; Meta envoie du JSON.',
  },
  log_unavailable: {
    title: 'Le journal ne peut pas écrire',
    mend: 'Vérifiez la place et les droits de SLUICE_DATA_DIR, ou les courtiers de SLUICE_KAFKA_BROKERS ; que l’expéditeur réessaie.',
  },
  record_too_large: {
    title: 'L’enregistrement dépasse ce que prend le journal',
    mend: 'Envoyez moins en une requête, ou augmentez SLUICE_KAFKA_MAX_RECORD_BYTES et le max.message.bytes des sujets.',
  },
  kafka_refused: {
    title: 'Kafka refuse ce client',
    mend: 'Vérifiez SLUICE_KAFKA_SASL_* et SLUICE_KAFKA_TLS*, et accordez les droits que liste docs/kafka.md.',
  },
  kafka_topic_missing: {
    title: 'Un sujet Kafka manque',
    mend: 'Créez-le comme le dit docs/kafka.md, ou mettez SLUICE_KAFKA_CREATE_TOPICS=true.',
  },
  kafka_topic_invalid: {
    title: 'Un sujet Kafka est réglé de sorte que des enregistrements se perdraient',
    mend: 'Changez le réglage nommé du sujet, comme le dit docs/kafka.md.',
  },
  log_gap: {
    title: 'Des enregistrements manquent dans le journal',
    mend: 'Restaurez le segment ou l’archive nommés (avec Kafka : voir docs/kafka.md, « gaps ») ; redémarrez s’il ne repart pas.',
  },
  log_corrupt: {
    title: 'Un segment du journal ne peut pas être lu',
    mend: 'Restaurez le fichier nommé depuis une sauvegarde ; les autres sont intacts.',
  },
  request_id_reused: {
    title: 'Cet identifiant de requête a servi à une autre requête',
    mend: 'Prenez un nouveau request_id pour chaque nouvelle requête ; ne le répétez qu’avec le même corps.',
  },
  design_frozen: {
    title: 'Cette expérience a commencé et ne peut plus être changée',
    mend: 'Enregistrez une nouvelle expérience sous un autre identifiant (et un autre sel) ; seul le nom peut encore changer.',
  },
  permit_over: {
    title: 'Le permis est terminé',
    mend: 'Rien à faire : les droits non utilisés sont libérés d’eux-mêmes.',
  },
  owner_away: {
    title: 'L’entrepôt ne peut pas être joint depuis ce récepteur',
    mend: 'Réessayez sous peu ; si cela dure, vérifiez SLUICE_OWNER_URLS et qu’un entrepôt tourne. N’envoyez rien qui ne soit accordé.',
  },
  warehouse_elsewhere: {
    title: 'Ceci est un récepteur ; l’entrepôt est ailleurs',
    mend: 'Adressez-vous à l’entrepôt lui-même, ou réglez SLUICE_OWNER_URLS (et SLUICE_OWNER_TOKEN pour les permis) pour que les récepteurs transmettent.',
  },
  warehouse_standby: {
    title: 'Cet entrepôt est en réserve',
    mend: 'Adressez-vous à celui qui tient le dossier de données ; celui-ci prend la relève de lui-même quand l’autre s’arrête.',
  },
  warehouse_busy: { title: 'L’entrepôt est occupé', mend: 'Réessayez sous peu.' },
  warehouse_locked: {
    title: 'Un autre processus tient le dossier de données',
    mend: 'Arrêtez l’autre processus, ou prenez un autre SLUICE_DATA_DIR.',
  },
  warehouse_failed: {
    title: 'L’entrepôt n’a pas pu faire cela',
    mend: 'Regardez la ligne du journal du serveur qui porte le même identifiant de requête.',
  },
  migration_changed: {
    title: 'Une migration déjà appliquée a été modifiée',
    mend: 'Remettez le fichier comme il était ; ajoutez une nouvelle migration pour un changement.',
  },
  migration_unknown: {
    title: 'L’entrepôt a été écrit par une version plus récente',
    mend: 'Lancez cette version-là ou une plus récente.',
  },
  model_invalid: {
    title: 'Un fichier de modèle est faux',
    mend: 'Corrigez le fichier à la ligne nommée ; la dernière bonne table reste servie.',
  },
  model_failed: {
    title: 'Un modèle n’a pas pu être construit',
    mend: 'Corrigez le SQL à la ligne nommée ; la dernière bonne table reste servie.',
  },
  metric_invalid: {
    title: 'Un fichier de métrique est faux',
    mend: 'Corrigez le fichier à la ligne nommée ; les dernières bonnes définitions restent servies.',
  },
  policy_invalid: {
    title: 'Un fichier de règles est faux',
    mend: 'Corrigez la ligne nommée ; « sluice policy check » liste tout ce qui ne va pas.',
  },
  dashboard_invalid: {
    title: 'Un fichier de tableau de bord est faux',
    mend: 'Corrigez le fichier à la ligne nommée ; les autres pages sont intactes.',
  },
  seed_invalid: { title: 'Un fichier de départ est faux', mend: 'Corrigez la ligne nommée.' },
  forgotten_unreadable: {
    title: 'La liste des personnes oubliées ne peut pas être lue',
    mend: 'Restaurez le fichier nommé depuis sa copie la plus récente ; sans lui, des personnes reviendraient.',
  },
  person_unnamed: {
    title: 'Aucune personne n’est nommée',
    mend: 'Donnez contact_id, phone (forme internationale) ou user_id.',
  },
  snapshot_unknown: {
    title: 'Il n’y a pas d’instantané de ce moment',
    mend: 'Prenez l’un de ceux que liste GET /v1/snapshots, ou faites-en chaque jour avec SLUICE_SNAPSHOT_HOURS.',
  },
  project_invalid: {
    title: 'Le dossier du projet n’est pas comme il faut',
    mend: 'Corrigez ce que nomme le détail ; docs/projects.md dit où se trouve quoi.',
  },
  backup_invalid: {
    title: 'Ceci n’est pas une sauvegarde de Sluice',
    mend: 'Nommez un dossier écrit par « sluice backup ».',
  },
  export_invalid: {
    title: 'L’export ne peut pas être fait',
    mend: 'Nommez une table qui existe et un format parmi csv, parquet et arrow.',
  },
  method_unknown: {
    title: 'Cette méthode n’existe pas',
    mend: 'Nommez l’une des méthodes du détail ; docs/verdicts.md dit à quoi sert chacune.',
  },
  value_data_insufficient: {
    title: 'Trop peu de clients ou d’historique pour une prévision',
    mend: 'Prenez GET /v1/value/cohorts en attendant ; docs/value.md dit combien il en faut.',
  },
  value_model_unfit: {
    title: 'Le modèle ne décrit pas ces clients',
    mend: 'Prenez GET /v1/value/cohorts, ou essayez l’autre modèle ; docs/value.md dit ce qui fait échouer un ajustement.',
  },
  non_finite_input: { title: 'Un nombre n’est pas fini', mend: 'Envoyez des nombres finis.' },
  negative_count: { title: 'Un effectif est négatif', mend: 'Un effectif vaut 0 ou plus.' },
  non_integer_count: {
    title: 'Un effectif n’est pas un nombre entier',
    mend: 'Comptez des personnes ou des événements entiers.',
  },
  empty_arm: { title: 'Un bras n’a personne', mend: 'Attendez les premières personnes du bras, ou laissez-le de côté.' },
  conversions_exceed_n: {
    title: 'Il y a plus d’événements que de personnes',
    mend: 'Comptez chaque personne une fois : x sont celles qui ont l’événement, n toutes celles affectées.',
  },
  invalid_confidence: {
    title: 'La confiance ou alpha n’est pas entre 0 et 1',
    mend: 'Envoyez une fraction comme 0.95 (confiance) ou 0.05 (alpha), pas un pourcentage.',
  },
  insufficient_data: { title: 'Il y a trop peu de données', mend: 'Il faut au moins deux unités.' },
  zero_variance: {
    title: 'Rien ne varie',
    mend: 'Là où toutes les valeurs sont égales, il n’y a rien à tester ; regardez les données.',
  },
  negative_variance: { title: 'Une variance est négative', mend: 'Vérifiez comment elle a été calculée.' },
  zero_denominator: {
    title: 'Le dénominateur d’un rapport vaut 0',
    mend: 'Un rapport a besoin d’un dénominateur ; attendez le premier ou prenez une autre métrique.',
  },
  length_mismatch: { title: 'Deux listes n’ont pas la même longueur', mend: 'Envoyez une valeur pour chaque bras.' },
  invalid_weights: {
    title: 'Les poids des bras ne font pas de partage',
    mend: 'Les poids valent 0 ou plus et ne sont pas tous nuls.',
  },
  too_few_arms: { title: 'Il y a trop peu de bras', mend: 'Il faut au moins deux bras avec un poids.' },
  invalid_probability: { title: 'Une probabilité est hors limites', mend: 'Envoyez des fractions entre 0 et 1.' },
  zero_effect: { title: 'L’effet à déceler est nul', mend: 'Nommez le plus petit effet qui vaille la peine.' },
  invalid_prior: { title: 'L’a priori n’est pas une loi', mend: 'Alpha et bêta de l’a priori sont supérieurs à 0.' },
  invalid_information: {
    title: 'Les examens ne sont pas dans l’ordre',
    mend: 'Les fractions d’information croissent d’au-dessus de 0 jusqu’à 1 au dernier examen, une par examen.',
  },
  recency_after_T: {
    title: 'Le dernier achat est postérieur à la fin de l’observation',
    mend: 'recency vaut au plus T ; les deux comptent depuis le premier achat.',
  },
  recency_without_repeat: {
    title: 'Une récence sans nouvel achat',
    mend: 'Avec frequency à 0, recency vaut 0.',
  },
  negative_input: { title: 'Une valeur est négative', mend: 'Elle vaut 0 ou plus.' },
  non_integer_frequency: { title: 'La fréquence n’est pas un nombre entier', mend: 'Comptez des achats entiers.' },
  invalid_params: {
    title: 'Les paramètres ne font pas de modèle',
    mend: 'Tous les paramètres sont supérieurs à 0 et finis.',
  },
  internal: {
    title: 'Quelque chose s’est mal passé de notre côté',
    mend: 'Regardez la ligne du journal du serveur qui porte le même identifiant de requête.',
  },
} as const satisfies Record<string, ErrorFr>;
