import { VERSION } from "../../version.ts";
import { defineModule, type Needs } from "../../module.ts";
import { makeServerService, type ServerService } from "./server.service.ts";
import "./server.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    server: ServerService;
  }
}

export const serverModule = defineModule({
  name: "server",
  create: ({ config, uploads }: Needs<"uploads">) => ({
    services: {
      server: makeServerService({
        name: config.SERVER_NAME,
        version: VERSION,
        sessionPolicy: config.SESSION_POLICY,
        messageLength: config.MESSAGE_MAX_LENGTH,
        pageSize: config.PAGE_SIZE_MAX,
        directPeople: config.DIRECT_MAX_PEOPLE,
        fileBytes: uploads.limits.fileBytes,
        pictureBytes: uploads.limits.pictureBytes,
      }),
    },
  }),
});
