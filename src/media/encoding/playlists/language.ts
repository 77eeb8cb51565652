/** Codes of ISO 639-2 that name no language: undetermined, and without a code. */
const NO_LANGUAGE = ['und', 'mis'];
/** Maximum length of a tag that is believed. Hostile files could state a language of any length. */
const MAX_LENGTH = 35;

/**
 * Returns the shortest tag of BCP 47 for a language that a file states as ISO 639-2 (MP4, transport streams) or BCP 47
 * (Matroska): `ger` and `deu` become `de`. `null`: it states no language.
 */
export function languageTag(stated: string | undefined): string | null {
  if (!stated || stated.length > MAX_LENGTH || NO_LANGUAGE.includes(stated.toLowerCase())) return null;
  try {
    return Intl.getCanonicalLocales(stated.replaceAll('_', '-'))[0] ?? null;
  } catch {
    return null;
  }
}
