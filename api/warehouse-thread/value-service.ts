import type { Warehouse } from '../warehouse.ts';
import type { Editions } from './editions.ts';
import { LookUpService } from './look-up-service.ts';
import { writeSnapshot } from './snapshot.ts';
import * as value from './value-queries.ts';

/** What the warehouse answers about the value of customers, and the copies of its marts; the rest of it is in service.ts. */
export abstract class ValueService extends LookUpService {
  private readonly overview: (until: string) => ReturnType<Warehouse['valueOverview']>;
  private readonly cohorts: (question: Parameters<Warehouse['cohortRevenue']>[0]) => ReturnType<Warehouse['cohortRevenue']>;
  private readonly mark: (question: Parameters<Warehouse['valueMark']>[0]) => Promise<string>;
  private readonly returns: (question: Parameters<Warehouse['campaignReturns']>[0]) => ReturnType<Warehouse['campaignReturns']>;

  constructor(editions: Editions) {
    super(editions);
    this.overview = editions.kind(this.lend, value.valueOverview);
    this.cohorts = editions.kind(this.lend, value.cohortRevenue);
    this.mark = editions.kind(this.lend, value.valueMark);
    this.returns = editions.live(this.lend, value.campaignReturns);
  }

  takeSnapshot(folder: string): ReturnType<Warehouse['takeSnapshot']> {
    return this.read((connection) => writeSnapshot(connection, folder));
  }

  async valueOverview(until: string): ReturnType<Warehouse['valueOverview']> {
    return this.overview(until);
  }

  async customerHistories(question: Parameters<Warehouse['customerHistories']>[0]): ReturnType<Warehouse['customerHistories']> {
    return this.read((connection) => value.customerHistories(connection, question));
  }

  async customerSpend(question: Parameters<Warehouse['customerSpend']>[0]): ReturnType<Warehouse['customerSpend']> {
    return this.read((connection) => value.customerSpend(connection, question));
  }

  async cohortRevenue(question: Parameters<Warehouse['cohortRevenue']>[0]): ReturnType<Warehouse['cohortRevenue']> {
    return this.cohorts(question);
  }

  async valueMark(question: Parameters<Warehouse['valueMark']>[0]): Promise<string> {
    return this.mark(question);
  }

  async valueFit(question: Parameters<Warehouse['valueFit']>[0]): ReturnType<Warehouse['valueFit']> {
    return this.read((connection) => value.valueFit(connection, question));
  }

  async campaignReturns(question: Parameters<Warehouse['campaignReturns']>[0]): ReturnType<Warehouse['campaignReturns']> {
    return this.returns(question);
  }
}
