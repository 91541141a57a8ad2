interface Version { readonly etag: string | undefined, readonly lastModified: string | undefined }

const oneSecondMs = 1_000

/** What goes into If-Range: a strong ETag, else the time of the last change. A weak ETag stands for files that are equal enough, but not in every byte. */
export function validatorOf ({ etag, lastModified }: Version): string | undefined {
  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : etag === undefined ? lastModified : undefined
}

/** A time of the last change tells versions apart only if it is over when the answer is made: its clock counts whole seconds. */
export function isOlderBy (lastModified: string | undefined, date: string | undefined): boolean {
  return Date.parse(date ?? '') - Date.parse(lastModified ?? '') >= oneSecondMs
}
