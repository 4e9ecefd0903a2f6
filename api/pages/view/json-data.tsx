/** Data for the browser client. Not a script to the browser, so script-src does not concern it; "<" is escaped, so it cannot end early. */
export function JsonData({ id, data }: { id?: string; data: unknown }) {
  const text = JSON.stringify(data).replaceAll('<', '\\u003c');
  return <script type="application/json" id={id} dangerouslySetInnerHTML={{ __html: text }} />;
}
