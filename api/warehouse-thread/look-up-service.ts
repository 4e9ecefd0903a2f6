import type { Decision } from '../../controller/decision.ts';
import type { PermitContact, PersonFacts } from '../../controller/permit.ts';
import type { ControlBooks, DecisionQuery } from '../../controller/snapshot.ts';
import type { CampaignDetail, CampaignSummary, QuarantineRow, Warehouse } from '../warehouse.ts';
import { people } from './control-people.ts';
import { controlBooks, decisions } from './control-queries.ts';
import { exportTable } from './export.ts';
import { Kept } from './kept.ts';
import { messages } from './message-queries.ts';
import { PrivacyService } from './privacy-service.ts';
import * as queries from './queries.ts';
import { reconciliationBooks, reconciliationLines } from './reconciliation-queries.ts';
import { unanswered } from './service-queries.ts';

/** What is looked up by one query as the warehouse stands; the rest of it is in service.ts. */
export abstract class LookUpService extends PrivacyService {
  private readonly campaignLists = new Kept<CampaignSummary[]>(() => this.campaignMark());
  private readonly campaignDetails = new Kept<CampaignDetail | null>(() => this.campaignMark());

  /** Changes with every registration of a campaign and with every build of the models. */
  protected abstract campaignMark(): string;

  async campaigns(): Promise<CampaignSummary[]> {
    return this.campaignLists.of('all', () => this.read(queries.campaigns));
  }

  async campaign(id: string): Promise<CampaignDetail | null> {
    return this.campaignDetails.of(id, () => this.read((connection) => queries.campaign(connection, id)));
  }

  async controlBooks(at: number): Promise<ControlBooks> {
    return this.read((connection) => controlBooks(connection, at));
  }

  async decisions(query: DecisionQuery): Promise<Decision[]> {
    return this.read((connection) => decisions(connection, query));
  }

  async people(contacts: readonly PermitContact[], at: number): Promise<PersonFacts[]> {
    return this.read((connection) => people(connection, contacts, at));
  }

  unanswered(question: Parameters<Warehouse['unanswered']>[0]): ReturnType<Warehouse['unanswered']> {
    return this.read((connection) => unanswered(connection, question));
  }

  messages(question: Parameters<Warehouse['messages']>[0]): ReturnType<Warehouse['messages']> {
    return this.read((connection) => messages(connection, question));
  }

  reconciliationBooks(): ReturnType<Warehouse['reconciliationBooks']> {
    return this.read(reconciliationBooks);
  }

  reconciliationLines(question: Parameters<Warehouse['reconciliationLines']>[0]): ReturnType<Warehouse['reconciliationLines']> {
    return this.read((connection) => reconciliationLines(connection, question));
  }

  async quarantineList(limit: number): Promise<QuarantineRow[]> {
    return this.read((connection) => queries.quarantine(connection, limit));
  }

  async deadLetters(...[after, bytes]: Parameters<Warehouse['deadLetters']>): ReturnType<Warehouse['deadLetters']> {
    return this.read((connection) => queries.deadLetters(connection, after, bytes));
  }

  async exportTable(table: string, format: 'csv' | 'parquet' | 'arrow', path: string): Promise<{ rows: number }> {
    return this.read((connection) => exportTable(connection, table, format, path));
  }
}
