/** The part of the Workers runtime that this host uses, so that no types package is needed to build. */
declare module "cloudflare:workers" {
  export class DurableObject<Env = unknown> {
    constructor(ctx: import("./runtime.ts").DurableObjectState, env: Env);
    protected ctx: import("./runtime.ts").DurableObjectState;
    protected env: Env;
  }
}
