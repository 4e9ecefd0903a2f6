import { type Alias, phoneAlias, userAlias } from './alias.ts';
import type { Output } from './output.ts';
import { linkPerson, type Person } from './person.ts';
import { type JsonObject, objectOf } from './read.ts';

/** A `system` message that says a person has a new number or user id: both name one person from then on. */
export function linkSystemChange(out: Output, message: JsonObject, sender: Person, at: bigint): void {
  const system = objectOf(message['system']);
  const phone = phoneAlias(system['wa_id'] ?? system['new_wa_id']);
  const user = userAlias(system['user_id']);
  const parent = userAlias(system['parent_user_id']);
  const oldPhone = phoneAlias(system['customer']) ?? sender.phone;
  const oldUser = userAlias(system['previous_user_id'] ?? message['previous_user_id']) ?? sender.user;
  const oldParent = userAlias(system['previous_parent_user_id'] ?? message['previous_parent_user_id']) ?? sender.parent;
  linkPair(out, oldPhone, phone, at, 'number_change');
  linkPair(out, oldUser, user, at, 'user_change');
  linkPair(out, oldParent, parent, at, 'user_change');
  if (phone === null && user === null && parent === null) return;
  linkPerson(out, { phone: phone ?? sender.phone, user: user ?? oldUser, parent: parent ?? oldParent }, at);
}

function linkPair(
  out: Output,
  one: Alias | null,
  other: Alias | null,
  at: bigint,
  source: 'number_change' | 'user_change',
): void {
  if (one !== null && other !== null) out.link(one, other, at, source);
}
