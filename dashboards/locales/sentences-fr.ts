/**
 * Ce que le code écrit en anglais et qu'une page peut montrer (les détails des erreurs, les réserves des prévisions), par son texte
 * anglais, avec `{nom}` là où il met un nom ou un nombre ; test/unit/pages/told-error.test.ts le tient au code.
 */
export const sentencesFr: Readonly<Record<string, string>> = {
  'messages are not counted as "{counts}"': 'les messages ne sont pas comptés comme « {counts} »',
  'no experiment "{id}" is registered': 'aucune expérience « {id} » n’est enregistrée',
  'no campaign "{id}" is registered or seen in messages': 'aucune campagne « {id} » n’est enregistrée ni vue dans les messages',
  'no dashboard "{name}"': 'aucun tableau de bord « {name} »',
  'no asset "{file}"': 'aucun fichier « {file} »',
  '"{name}" has no file {file}': '« {name} » n’a pas de fichier {file}',
  'no file carries the name "{name}"': 'aucun fichier ne porte le nom « {name} »',
  'the role {role} may not do this; {roles} may': 'le rôle {role} ne peut pas faire cela ; {roles} le peuvent',
  'too many requests without a valid token': 'trop de requêtes sans jeton valable',
  'this address takes {methods}': 'cette adresse prend {methods}',
  'the address is not well-formed': 'l’adresse n’est pas bien formée',
  'a part of the address is too long': 'une partie de l’adresse est trop longue',
  'the body is empty': 'le corps est vide',
  'the body is not JSON': 'le corps n’est pas du JSON',
  'at most {limit} bytes are taken here': '{limit} octets au plus sont pris ici',
  'the models have not been built yet': 'les modèles ne sont pas encore construits',
  'a rebuild is under way': 'une reconstruction est en cours',
  'Sluice is stopping': 'Sluice s’arrête',
  '{n} computations wait already': '{n} calculs attendent déjà',
  'no campaign with this id': 'aucune campagne avec cet identifiant',
  'no experiment with this id': 'aucune expérience avec cet identifiant',
  '"{scope}" is not written <kind>:<id>, e.g. campaign:autumn-sale':
    '« {scope} » ne s’écrit pas <genre>:<identifiant>, p. ex. campaign:autumn-sale',
  'no {kind} of this id is registered or seen in messages':
    'aucun périmètre {kind} de cet identifiant n’est enregistré ni vu dans les messages',
  'no override "{id}" is in force': 'aucune décision manuelle « {id} » n’est en vigueur',
  'is past already': 'est déjà passé',
  'is missing': 'manque',
  'is not known here': 'n’est pas connu ici',
  '"{key}" is not known here': '« {key} » n’est pas connu ici',
  'is too short to tell anybody why': 'est trop court pour dire pourquoi à qui que ce soit',
  'is not a scope: <kind>:<id> with a kind of {kinds}, e.g. campaign:autumn-sale':
    'n’est pas un périmètre : <genre>:<identifiant>, avec un genre parmi {kinds}, p. ex. campaign:autumn-sale',
  'or per_second is needed for a limit': 'ou per_second est nécessaire pour une limite',
  'and per_second belong to a limit only': 'et per_second ne vont qu’avec une limite',
  'messages are not known by "{dimension}"; they are by {dimensions}':
    'les messages ne sont pas connus par « {dimension} » ; ils le sont par {dimensions}',
  'there is no metric "{name}"; there are {names}': 'il n’y a pas de métrique « {name} » ; il y a {names}',
  'there is no dimension "{name}"; there are {names}': 'il n’y a pas de dimension « {name} » ; il y a {names}',
  '"{metric}" is not known by {name}; it is by {names}': '« {metric} » n’est pas connue par {name} ; elle l’est par {names}',
  '"{zone}" is not an IANA time zone, e.g. Europe/Berlin': '« {zone} » n’est pas un fuseau horaire IANA comme Europe/Berlin',
  'is not a time': 'n’est pas une date',
  'is not after from': 'n’est pas après from',
  'The values of purchases do not vary as the Gamma-Gamma model says; revenue is not forecast.':
    'Les montants des achats ne varient pas comme le dit le modèle Gamma-Gamma ; le revenu n’est pas prévu.',
  'The spend model has no finite mean (q is at most 1); revenue is not forecast.':
    'Le modèle de dépense n’a pas de moyenne finie (q vaut au plus 1) ; le revenu n’est pas prévu.',
  'Frequency and value of purchases go together (correlation {r}), which the spend model leaves out: it is off for the most frequent buyers.':
    'La fréquence et le montant des achats vont ensemble (corrélation {r}), ce que le modèle de dépense ignore : il se trompe pour les acheteurs les plus fréquents.',
};
