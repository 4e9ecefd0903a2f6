import type { Decision } from '../../controller/decision.ts';
import type { ControlBooks, DecisionQuery } from '../../controller/snapshot.ts';
import type { Connection } from '../../sql/database.ts';
import type { CampaignDetail, CampaignSummary, QuarantineRow, Warehouse } from '../warehouse.ts';
import { controlBooks, decisions } from './control-queries.ts';
import type { Editions, Lend } from './editions.ts';
import { exportTable } from './export.ts';
import { messages } from './message-queries.ts';
import { PrivacyService } from './privacy-service.ts';
import * as queries from './queries.ts';
import { reconciliationBooks, reconciliationLines } from './reconciliation-queries.ts';
import { unanswered } from './service-queries.ts';

type Unanswered = Parameters<Warehouse['unanswered']>[0];

/** How old the books may be while much waits to be applied, ms. */
const booksMs = 3000;

/** What is looked up by one query as the warehouse stands; the rest of it is in service.ts. */
export abstract class LookUpService extends PrivacyService {
  /** Reads on a connection of its own. */
  protected readonly lend: Lend = (work) => this.read(work);
  private newestBooks: { books: queries.Books; at: number } | null = null;
  private readonly campaignList: (question: { news: number }) => Promise<CampaignSummary[]>;
  private readonly campaignDetail: (question: { news: number; id: string }) => Promise<CampaignDetail | null>;
  private readonly trail: (question: { news: number; query: DecisionQuery }) => Promise<Decision[]>;
  private readonly waiting: (question: Unanswered) => ReturnType<Warehouse['unanswered']>;

  constructor(protected readonly editions: Editions) {
    super();
    this.campaignList = editions.kind(this.lend, (connection) => queries.campaigns(connection));
    this.campaignDetail = editions.kind(this.lend, (connection, { id }) => queries.campaign(connection, id));
    this.trail = editions.kind(this.lend, (connection, { query }) => decisions(connection, query));
    this.waiting = editions.live(this.lend, unanswered);
  }

  /** What has been applied so far of what is kept here but not built by the models. */
  protected abstract news(): { campaigns: number; decisions: number };

  /** The books read the newest times of all facts. Far behind, when that costs most, they may be some seconds old. */
  protected async books(connection: Connection, behind: boolean): Promise<queries.Books> {
    const age = performance.now() - (this.newestBooks?.at ?? Number.NEGATIVE_INFINITY);
    if (this.newestBooks !== null && behind && age < booksMs) return this.newestBooks.books;
    const books = await queries.books(connection);
    this.newestBooks = { books, at: performance.now() };
    return books;
  }

  async campaigns(): Promise<CampaignSummary[]> {
    return this.campaignList({ news: this.news().campaigns });
  }

  async campaign(id: string): Promise<CampaignDetail | null> {
    return this.campaignDetail({ news: this.news().campaigns, id });
  }

  async controlBooks(at: number): Promise<ControlBooks> {
    return this.read((connection) => controlBooks(connection, at));
  }

  async decisions(query: DecisionQuery): Promise<Decision[]> {
    return this.trail({ news: this.news().decisions, query });
  }

  async unanswered(question: Unanswered): ReturnType<Warehouse['unanswered']> {
    return this.waiting(question);
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
