import { describe, expect, it } from 'vitest';
import { maskedFor } from '../../api/mask.ts';
import { roleNames } from '../../api/roles.ts';

describe('a phone number in raw data', () => {
  it('is shown in the open to admins alone', () => {
    const seers = roleNames.filter((role) => maskedFor(role, 'from 4915112345678') === 'from 4915112345678');
    expect(seers).toEqual(['admin']);
    expect(maskedFor(null, 'from 4915112345678')).toBe('from 49•••••••••78');
  });

  it('is masked however it is written, and short numbers are left', () => {
    expect(maskedFor('ops', '+49 (151) 123-45678, code 131049, 2 tries')).toBe('+49•••••••••78, code 131049, 2 tries');
  });
});
