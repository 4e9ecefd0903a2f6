import { day, minute } from './emission.ts';
import { makePerson, type Person, type Segment } from './person.ts';
import type { Simulation } from './simulation.ts';

/** The people whom the business knows, and the events by which it tells of them. */
export class Roster {
  readonly people: Person[] = [];
  private made = 0;

  constructor(private readonly sim: Simulation) {}

  /** The people known at the beginning, told of in the first twenty minutes. */
  begin(contacts: number): void {
    for (let i = 0; i < contacts; i++) this.add();
    this.introduceFrom(0, contacts);
  }

  add(segment?: Segment): Person {
    const person = this.stranger(segment);
    this.people.push(person);
    return person;
  }

  /** A person whom the business writes to without knowing them. */
  stranger(segment?: Segment): Person {
    return makePerson(this.sim.random, this.sim.ids, this.made++, segment);
  }

  /** Somebody, of this segment if one turns up in a dozen. */
  anyone(segment?: Segment): Person | undefined {
    const { random } = this.sim;
    let person: Person | undefined;
    for (let i = 0; i < 12; i++) {
      person = this.people[random.int(this.people.length)];
      if (segment === undefined || person?.segment === segment) break;
    }
    return person;
  }

  /** Consent that the business knows of, and no marketing to numbers of the United States. */
  mayMarket(person: Person): boolean {
    return person.consented && person.country !== 'US' && person.optOutKnownAt > this.sim.now;
  }

  /** Tells who a person is, what they agreed to, and where they belong. */
  introduce(person: Person, since: number, delay: number): void {
    const { sim } = this;
    const { contactId: contact_id, phone, userId } = person;
    const ids = { contact_id, ...(phone === undefined ? {} : { phone }), ...(userId === undefined ? {} : { user_id: userId }) };
    const profile = { name: person.name, language: person.language, time_zone: person.timeZone };
    sim.event('contact.upserted', since, { ...ids, ...profile, attributes: { plan: person.segment } }, undefined, delay);
    sim.event('segment.entered', since, { contact_id, segment_id: person.segment }, undefined, delay);
    if (person.consented) {
      sim.event(
        'consent.changed',
        since,
        { contact_id, category: 'marketing', state: 'granted', detail: 'checkout' },
        undefined,
        delay,
      );
    }
  }

  private introduceFrom(from: number, to: number): void {
    const { sim } = this;
    const person = this.people[from];
    if (person === undefined || from === to) return;
    this.introduce(person, Math.floor(sim.startAt - sim.random.between(2 * day, 500 * day)), 0);
    sim.at(sim.startAt + ((from + 1) / to) * 20 * minute, () => this.introduceFrom(from + 1, to));
  }
}
