/** One client a service: made when it is first asked for, so that its adaptive rate limit holds for all calls. */

export type ClientMaker<Options> = <C extends object>(Client: new (options: Options) => C) => C;

export function clientCache<Options>(options: Options): ClientMaker<Options> {
  const clients = new Map<unknown, object>();
  return <C extends object>(Client: new (options: Options) => C): C => {
    const known = clients.get(Client) as C | undefined;
    if (known !== undefined) return known;
    const made = new Client(options);
    clients.set(Client, made);
    return made;
  };
}
