/** Sizes of the buffers a request's first lines are read into. */
export interface BufferSizes {
  /** client_header_buffer_size. */
  readonly first: number;
  /** large_client_header_buffers. */
  readonly large: number;
  readonly count: number;
}

/**
 * The buffers of ngx_http_alloc_large_header_buffer. A line that doesn't fit into what is left moves to a large
 * buffer, together with what was already read of it; the lines behind it go on in that one.
 */
export class Buffers {
  #used = 0;
  #capacity: number;
  #busy = 0;

  constructor(first: number) {
    this.#capacity = first;
  }

  /** Takes a line of that many bytes with its line end; false when nginx has no room for it. */
  take(length: number, sizes: BufferSizes): boolean {
    let read = this.#capacity - this.#used;
    if (length > read) {
      // What was read of the line may not fill a large buffer already.
      if (read >= sizes.large || this.#busy >= sizes.count) return false;
      this.#busy += 1;
      this.#used = 0;
      this.#capacity = sizes.large;
      read = sizes.large;
      if (length > read) return false;
    }
    this.#used += length;
    return true;
  }
}
