/** As it is when this is loaded: where a test fakes it later, nothing would be answered any more. */
export const { nextTick } = process
