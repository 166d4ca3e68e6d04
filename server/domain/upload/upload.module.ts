import { defineModule } from "../../module.ts";
import type { DownloadService } from "./download.service.ts";
import type { ReceiveService } from "./receive.service.ts";
import type { UploadService } from "./upload.service.ts";
import "./upload.schema.ts";
import "./attachment.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    uploads: UploadService;
    receiving: ReceiveService;
    downloads: DownloadService;
  }
}

export const uploadModule = defineModule({
  name: "upload",
});
