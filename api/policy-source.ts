import { readFileSync } from 'node:fs';
import type { Policy } from '../controller/policy.ts';
import { type PolicyFile, readPolicyFile } from '../controller/policy-file.ts';
import { SluiceError } from '../sql/errors.ts';

/**
 * A policy file from the disk.
 * @throws SluiceError `policy_invalid` with the first thing wrong, its file and line
 */
export function goodPolicy(path: string, mode: Policy['mode']): PolicyFile {
  const { file, problems } = readPolicyFile(policyText(path), mode);
  if (file !== null) return file;
  const wrong = problems.filter(({ severity }) => severity === 'error');
  const [first] = wrong;
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
  const detail = `${[first?.path, first?.message].filter(Boolean).join(' ')}${more}`;
  throw new SluiceError('policy_invalid', { detail, file: path, ...(first === undefined ? {} : { line: first.line }) });
}

/** @throws SluiceError `policy_invalid` when it cannot be read */
export function policyText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new SluiceError('policy_invalid', { detail: 'it cannot be read', file: path });
  }
}
