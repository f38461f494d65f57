export { connectAgent, type RemoteDesk } from './connect-agent.ts'
export { connectCustomer, type CustomerLink, type RemoteConversation, type SayOptions } from './connect-customer.ts'
export type { Link, Status } from './link.ts'
