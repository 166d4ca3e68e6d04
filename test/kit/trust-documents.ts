// Hand-written operations for moderation, administration and personal data.

const PROBLEM = /* GraphQL */ `
  ... on Error {
    code
    message
  }
`;

const REPORT_FIELDS = /* GraphQL */ `
  id
  status
  subject
  reason
  comment
  message {
    id
    body
  }
  accused {
    username
  }
  reporter {
    username
  }
  roomId
  resolution
  note
  resolvedBy {
    username
  }
`;

export interface ShownReport {
  id: string;
  status: "OPEN" | "RESOLVED";
  subject: string;
  reason: string;
  comment: string;
  message: { id: string; body: string } | null;
  accused: { username: string } | null;
  reporter: { username: string } | null;
  roomId: string | null;
  resolution: string | null;
  note: string | null;
  resolvedBy: { username: string } | null;
}

export const REPORT = /* GraphQL */ `
  mutation Report($input: ReportInput!) {
    report(input: $input) {
      __typename
      ... on ReportPayload { report { ${REPORT_FIELDS} } }
      ${PROBLEM}
    }
  }
`;

export const RESOLVE_REPORT = /* GraphQL */ `
  mutation Resolve($input: ResolveReportInput!) {
    resolveReport(input: $input) {
      __typename
      ... on ResolveReportPayload { report { ${REPORT_FIELDS} } }
      ${PROBLEM}
    }
  }
`;

export const REPORTS = /* GraphQL */ `
  query Reports($status: ReportStatus, $roomId: ID, $first: Int, $after: String) {
    reports(status: $status, roomId: $roomId, first: $first, after: $after) {
      edges { node { ${REPORT_FIELDS} } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

export const SUSPEND = /* GraphQL */ `
  mutation Suspend($input: SuspendUserInput!) {
    suspendUser(input: $input) {
      __typename
      ... on SuspendUserPayload { suspension { user { username } until reason } }
      ${PROBLEM}
    }
  }
`;

export const UNSUSPEND = /* GraphQL */ `
  mutation Unsuspend($input: UnsuspendUserInput!) {
    unsuspendUser(input: $input) {
      __typename
      ... on UnsuspendUserPayload { user { username } }
      ${PROBLEM}
    }
  }
`;

export const SET_ADMINISTRATOR = /* GraphQL */ `
  mutation SetAdministrator($input: SetAdministratorInput!) {
    setAdministrator(input: $input) {
      __typename
      ... on SetAdministratorPayload { user { username } }
      ${PROBLEM}
    }
  }
`;

export const REQUEST_EXPORT = /* GraphQL */ `
  mutation RequestExport($input: RequestDataExportInput!) {
    requestDataExport(input: $input) {
      __typename
      ... on RequestDataExportPayload { path expiresAt }
      ${PROBLEM}
    }
  }
`;

export const DELETE_ACCOUNT = /* GraphQL */ `
  mutation DeleteAccount($input: DeleteAccountInput!) {
    deleteAccount(input: $input) {
      __typename
      ... on DeleteAccountPayload { deleted }
      ${PROBLEM}
    }
  }
`;

const ENTRY = /* GraphQL */ `
  edges {
    node {
      id
      at
      action
      actor { username }
      target { username }
      conversationId
      messageId
      address
      device
      details { name value }
    }
  }
  pageInfo { hasNextPage endCursor }
`;

export const AUDIT_LOG = /* GraphQL */ `
  query AuditLog($filter: AuditFilter, $first: Int, $after: String) {
    auditLog(filter: $filter, first: $first, after: $after) { ${ENTRY} }
  }
`;

export const ROOM_AUDIT_LOG = /* GraphQL */ `
  query RoomAuditLog($id: ID!) {
    node(id: $id) { ... on Room { auditLog { ${ENTRY} } } }
  }
`;

export interface AuditEntry {
  id: string;
  at: string;
  action: string;
  actor: { username: string } | null;
  target: { username: string } | null;
  conversationId: string | null;
  messageId: string | null;
  address: string | null;
  device: string | null;
  details: { name: string; value: string }[];
}

export interface Page<T> {
  edges: { node: T }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
