import type { Warehouse } from '../warehouse.ts';
import { LookUpService } from './look-up-service.ts';
import { writeSnapshot } from './snapshot.ts';
import * as value from './value-queries.ts';

/** What the warehouse answers about the value of customers, and the copies of its marts; the rest of it is in service.ts. */
export abstract class ValueService extends LookUpService {
  takeSnapshot(folder: string): ReturnType<Warehouse['takeSnapshot']> {
    return this.read((connection) => writeSnapshot(connection, folder));
  }

  async valueOverview(until: string): ReturnType<Warehouse['valueOverview']> {
    return this.read((connection) => value.valueOverview(connection, until));
  }

  async customerHistories(question: Parameters<Warehouse['customerHistories']>[0]): ReturnType<Warehouse['customerHistories']> {
    return this.read((connection) => value.customerHistories(connection, question));
  }

  async customerSpend(question: Parameters<Warehouse['customerSpend']>[0]): ReturnType<Warehouse['customerSpend']> {
    return this.read((connection) => value.customerSpend(connection, question));
  }

  async cohortRevenue(question: Parameters<Warehouse['cohortRevenue']>[0]): ReturnType<Warehouse['cohortRevenue']> {
    return this.read((connection) => value.cohortRevenue(connection, question));
  }

  async valueMark(question: Parameters<Warehouse['valueMark']>[0]): Promise<string> {
    return this.read((connection) => value.valueMark(connection, question));
  }

  async valueFit(question: Parameters<Warehouse['valueFit']>[0]): ReturnType<Warehouse['valueFit']> {
    return this.read((connection) => value.valueFit(connection, question));
  }

  async campaignReturns(question: Parameters<Warehouse['campaignReturns']>[0]): ReturnType<Warehouse['campaignReturns']> {
    return this.read((connection) => value.campaignReturns(connection, question));
  }
}
