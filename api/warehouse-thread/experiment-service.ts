import type { Connection } from '../../sql/database.ts';
import type { Warehouse } from '../warehouse.ts';
import * as queries from './experiment-queries.ts';
import { LookFinder } from './look-finder.ts';

/** What the warehouse answers about experiments; the rest of it is in service.ts. */
export abstract class ExperimentService {
  private readonly finder = new LookFinder();

  /** Reads on a connection of its own. */
  protected abstract read<T>(work: (connection: Connection) => Promise<T>): Promise<T>;

  experiments(at: number): ReturnType<Warehouse['experiments']> {
    return this.read((connection) => queries.experiments(connection, at));
  }

  experiment(id: string, at: number): ReturnType<Warehouse['experiment']> {
    return this.read((connection) => queries.experiment(connection, id, at));
  }

  experimentHistory(id: string): ReturnType<Warehouse['experimentHistory']> {
    return this.read((connection) => queries.experimentHistory(connection, id));
  }

  experimentDesign(id: string): ReturnType<Warehouse['experimentDesign']> {
    return this.read((connection) => queries.experimentDesign(connection, id));
  }

  assignedArms(...[id, aliases]: Parameters<Warehouse['assignedArms']>): ReturnType<Warehouse['assignedArms']> {
    return this.read((connection) => queries.assignedArms(connection, id, aliases));
  }

  looksDue(at: number): ReturnType<Warehouse['looksDue']> {
    return this.read((connection) => this.finder.due(connection, at));
  }

  segmentLift(...[id, metric, at]: Parameters<Warehouse['segmentLift']>): ReturnType<Warehouse['segmentLift']> {
    return this.read((connection) => queries.segmentLift(connection, id, metric, at));
  }
}
