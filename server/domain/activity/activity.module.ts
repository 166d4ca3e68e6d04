import { defineModule, type Needs } from "../../module.ts";
import { makeActivityService, type ActivityService } from "./activity.service.ts";
import "./activity.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    activity: ActivityService;
  }
}

export const activityModule = defineModule({
  name: "activity",
  create: ({ log, signals, conversations }: Needs<"conversations">) => ({
    services: { activity: makeActivityService({ signals, conversations, log }) },
  }),
});
