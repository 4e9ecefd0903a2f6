import { type ModelFile, parseModelFile } from './model-file.ts';

/**
 * The model segment_member, which puts together who is in which of the segments that files define (`layer: segment`). A segment is
 * named by its file without the `segment_` that it may begin with. No file: no model.
 */
export function segmentMember(files: readonly ModelFile[]): ModelFile[] {
  const segments = files.filter(({ layer }) => layer === 'segment');
  if (segments.length === 0) return [];
  // Names are those of files that the parser has let through: lower case, digits and underscores.
  const parts = segments.map(
    ({ name }) => `SELECT '${name.replace(/^segment_/, '')}' AS segment, customer FROM ${name} WHERE customer IS NOT NULL`,
  );
  const text = `/*
name: segment_member
kind: view
layer: staging
grain: one person in one segment that a file defines
description: Who is in the segments of the files with "layer segment", as of their newest builds.
columns:
  segment: name of the segment
  customer: the person
*/
${parts.join('\nUNION\n')}
`;
  return [parseModelFile('models/segment-member.ts', 'segment_member', text)];
}
