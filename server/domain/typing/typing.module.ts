import { defineModule, type Needs } from "../../module.ts";
import { makeTypingService, type TypingService } from "./typing.service.ts";
import "./typing.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    typing: TypingService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface LocalLimits {
    TYPING: true;
  }
}

export const typingModule = defineModule({
  name: "typing",
  create: ({ log, signals, clock, rates, activity }: Needs<"activity">) => {
    const typing = makeTypingService({ signals, activity, log, clock, rates });
    return { services: { typing }, stop: typing.stop };
  },
});
