import type { Connection, Database } from '../../sql/database.ts';
import type { RightOfWay } from './right-of-way.ts';

/** A few connections for reading. Their number also bounds how many of libuv's threads long queries can hold. */
export class ConnectionPool {
  private readonly waiting: ((connection: Connection) => void)[] = [];

  private constructor(
    private readonly size: number,
    private readonly idle: Connection[],
    private readonly way: RightOfWay,
  ) {}

  /** @param way what is done with a connection goes first there: somebody waits for it */
  static async open(database: Database, size: number, way: RightOfWay): Promise<ConnectionPool> {
    const idle = await Promise.all(Array.from({ length: size }, () => database.connect()));
    return new ConnectionPool(size, idle, way);
  }

  /** Lends a connection for the time of `work`. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.take();
    try {
      return await this.way.first(() => work(connection));
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.idle.push(connection);
      else next(connection);
    }
  }

  /** Waits for all that is lent, then closes. */
  async close(): Promise<void> {
    const all = await Promise.all(Array.from({ length: this.size }, () => this.take()));
    for (const connection of all) connection.close();
  }

  private async take(): Promise<Connection> {
    return this.idle.pop() ?? (await new Promise<Connection>((resolve) => this.waiting.push(resolve)));
  }
}
