import { Fragment } from 'preact';

/** The name of a value. It may break after an underscore: an id has no other place to. */
export function MemberName({ label, href }: { label: string; href: string | undefined }) {
  const [first, ...rest] = label.split('_');
  const name = (
    <>
      {first}
      {rest.map((part, at) => (
        <Fragment key={at}>
          _<wbr />
          {part}
        </Fragment>
      ))}
    </>
  );
  return <span class="member">{href === undefined ? name : <a href={href}>{name}</a>}</span>;
}
