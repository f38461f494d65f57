/** The version of the schema that this code works with: the number of migrations. */
export const SQLITE_VERSION = 1

/** From each version to the next. `tick` counts the changes that routing has to hear of; those up to `swept_tick` are not told any more. */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `
  create table maitred_conversations (
    tenant text not null,
    id text not null,
    version integer not null,
    customer_id text not null,
    agent_id text,
    phase text not null,
    closed_at integer,
    open_key text,
    next_due_at integer,
    is_pending integer not null,
    entry_count integer not null,
    previous_id text,
    erased_version integer,
    customer text not null,
    pages text not null,
    snapshot text not null,
    primary key (tenant, id)
  );
  create unique index maitred_conversations_open on maitred_conversations (tenant, open_key) where open_key is not null;
  create index maitred_conversations_due on maitred_conversations (tenant, next_due_at, id) where next_due_at is not null;
  create index maitred_conversations_customer on maitred_conversations (tenant, customer_id, id);
  create index maitred_conversations_agent on maitred_conversations (tenant, agent_id, id) where agent_id is not null;
  create index maitred_conversations_phase on maitred_conversations (tenant, phase, id) where phase <> 'closed';
  create index maitred_conversations_closed on maitred_conversations (tenant, closed_at) where closed_at is not null;
  create index maitred_conversations_pending on maitred_conversations (tenant, id) where is_pending;

  create table maitred_entries (
    tenant text not null,
    conversation_id text not null,
    seq integer not null,
    body text not null,
    primary key (tenant, conversation_id, seq)
  ) without rowid;
  create table maitred_turns (
    tenant text not null,
    conversation_id text not null,
    version integer not null,
    body text not null,
    primary key (tenant, conversation_id, version)
  ) without rowid;
  create table maitred_keys (
    tenant text not null,
    conversation_id text not null,
    name text not null,
    body_hash text not null,
    receipt text not null,
    primary key (tenant, conversation_id, name)
  ) without rowid;

  create table maitred_agents (
    tenant text not null,
    id text not null,
    profile text not null,
    capacity real not null,
    presence text not null,
    presence_until integer,
    presence_at integer not null,
    units real not null check (units >= 0),
    outside text not null,
    last_assigned_at integer not null,
    last_freed_at integer,
    version integer not null,
    is_removed integer not null,
    changed integer not null,
    primary key (tenant, id)
  );
  create index maitred_agents_changed on maitred_agents (tenant, changed);
  create table maitred_holds (
    tenant text not null,
    hold_id text not null,
    agent_id text not null,
    conversation_id text not null,
    units real not null,
    phase text not null,
    primary key (tenant, hold_id)
  ) without rowid;
  create index maitred_holds_agent on maitred_holds (tenant, agent_id);
  create table maitred_queue (
    tenant text not null,
    conversation_id text not null,
    body text,
    left_at integer,
    changed integer not null,
    primary key (tenant, conversation_id)
  );
  create index maitred_queue_changed on maitred_queue (tenant, changed);

  create table maitred_records (
    tenant text not null,
    plugin text not null,
    key text not null,
    value text not null,
    version integer not null,
    primary key (tenant, plugin, key)
  ) without rowid;
  create table maitred_outbox (
    seq integer primary key autoincrement,
    tenant text not null,
    id text not null,
    topic text not null,
    conversation_id text not null,
    body text not null,
    leased_until integer not null,
    unique (tenant, id)
  );
  create table maitred_leases (
    tenant text not null,
    name text not null,
    holder text not null,
    epoch integer not null,
    until integer not null,
    primary key (tenant, name)
  ) without rowid;
  alter table maitred_meta add column tick integer not null default 0;
  alter table maitred_meta add column swept_tick integer not null default 0;`,
]
