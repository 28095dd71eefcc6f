/** What every live source gives: documents in the shape of its own export, page by page. */

export type ServiceListing = AsyncGenerator<object, void, undefined>;
