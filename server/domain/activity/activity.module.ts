import { defineModule } from "../../module.ts";
import type { ActivityService } from "./activity.service.ts";
import "./activity.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    activity: ActivityService;
  }
}

export const activityModule = defineModule({
  name: "activity",
});
