import { COMMIT } from './postgres-commit-sql.ts'

/** The version of the schema that this code works with: the number of migrations. */
export const POSTGRES_VERSION = 1

/**
 * Everything from nothing to the newest version, as one statement: run by several at once it is done once. `schema` is a quoted name.
 *
 * Times are epoch ms in `double precision`, which every driver gives as a number; ids compare by bytes (`collate "C"`); bodies are JSON in
 * `text`, since `jsonb` refuses some of the characters that JSON may hold.
 */
export function postgresMigration(schema: string): string {
  return `do $migrate$
declare
  known int;
begin
  perform pg_advisory_xact_lock(hashtext('maitred migrate'), hashtext('${schema}'));
  create schema if not exists ${schema};
  create table if not exists ${schema}.schema_version (version int not null);
  select version into known from ${schema}.schema_version;
  if known > ${POSTGRES_VERSION} then
    raise exception 'the schema is at version %', known using errcode = 'MT001';
  end if;
  if known is null then
    insert into ${schema}.schema_version values (0);
    known := 0;
  end if;
  if known < 1 then
    ${[TABLES, COMMIT, ERASE].join('\n').replaceAll('@.', `${schema}.`)}
  end if;
  update ${schema}.schema_version set version = ${POSTGRES_VERSION} where version <> ${POSTGRES_VERSION};
end
$migrate$`
}

/** `@` stands for the schema. */
const TABLES = `
    create table @.conversations (
      tenant text collate "C" not null,
      id text collate "C" not null,
      version int not null,
      customer_id text collate "C" not null,
      agent_id text collate "C",
      phase text not null,
      closed_at double precision,
      open_key text collate "C",
      next_due_at double precision,
      is_pending boolean not null,
      entry_count int not null,
      previous_id text,
      erased_version int,
      customer text not null,
      pages text not null,
      snapshot text not null,
      primary key (tenant, id)
    ) with (fillfactor = 80);
    create unique index conversations_open on @.conversations (tenant, open_key) where open_key is not null;
    create index conversations_due on @.conversations (tenant, next_due_at, id) where next_due_at is not null;
    create index conversations_customer on @.conversations (tenant, customer_id, id);
    create index conversations_agent on @.conversations (tenant, agent_id, id) where agent_id is not null;
    create index conversations_open_phase on @.conversations (tenant, phase, id) where phase <> 'closed';
    create index conversations_closed on @.conversations (tenant, closed_at) where closed_at is not null;
    create index conversations_pending on @.conversations (tenant, id) where is_pending;

    create table @.entries (
      tenant text collate "C" not null,
      conversation_id text collate "C" not null,
      seq int not null,
      body text not null,
      primary key (tenant, conversation_id, seq)
    );
    create table @.turns (
      tenant text collate "C" not null,
      conversation_id text collate "C" not null,
      version int not null,
      body text not null,
      primary key (tenant, conversation_id, version)
    );
    create table @.keys (
      tenant text collate "C" not null,
      conversation_id text collate "C" not null,
      name text collate "C" not null,
      body_hash text not null,
      receipt text not null,
      primary key (tenant, conversation_id, name)
    );

    create table @.agents (
      tenant text collate "C" not null,
      id text collate "C" not null,
      profile text not null,
      capacity double precision not null,
      presence text not null,
      presence_until double precision,
      presence_at double precision not null,
      units double precision not null check (units >= 0),
      outside text not null,
      last_assigned_at double precision not null,
      last_freed_at double precision,
      version int not null,
      is_removed boolean not null,
      changed xid8 not null,
      primary key (tenant, id)
    ) with (fillfactor = 70);
    create index agents_changed on @.agents (tenant, changed);
    create table @.holds (
      tenant text collate "C" not null,
      hold_id text collate "C" not null,
      agent_id text collate "C" not null,
      conversation_id text collate "C" not null,
      units double precision not null,
      phase text not null,
      primary key (tenant, hold_id)
    );
    create index holds_agent on @.holds (tenant, agent_id);
    create table @.queue (
      tenant text collate "C" not null,
      conversation_id text collate "C" not null,
      body text,
      left_at double precision,
      changed xid8 not null,
      primary key (tenant, conversation_id)
    );
    create index queue_changed on @.queue (tenant, changed);

    create table @.records (
      tenant text collate "C" not null,
      plugin text collate "C" not null,
      key text collate "C" not null,
      value text not null,
      version int not null,
      primary key (tenant, plugin, key)
    );
    create table @.outbox (
      tenant text collate "C" not null,
      id text collate "C" not null,
      seq bigserial not null,
      topic text not null,
      conversation_id text collate "C" not null,
      body text not null,
      leased_until double precision not null,
      primary key (tenant, id)
    );
    create index outbox_order on @.outbox (tenant, seq);
    create table @.leases (
      tenant text collate "C" not null,
      name text collate "C" not null,
      holder text not null,
      epoch int not null,
      until double precision not null,
      primary key (tenant, name)
    );
`

/** Writes what is left of a conversation whose person is erased; `false` when it has moved on meanwhile. */
const ERASE = `
    create function @.erase_conversation(asked text) returns boolean language plpgsql as $erase$
    declare
      p constant jsonb := asked::jsonb;
      t constant text := p->>'tenant';
      c constant text := p->>'id';
      touched int;
    begin
      update @.conversations set version = version + 1, erased_version = version + 1, snapshot = p->>'snapshot',
          customer = p->>'customer', pages = p->>'pages'
        where tenant = t and id = c and version = (p->>'expect')::int;
      get diagnostics touched = row_count;
      if touched = 0 then return false; end if;
      update @.entries e set body = value->>'body' from jsonb_array_elements(p->'entries')
        where e.tenant = t and e.conversation_id = c and e.seq = (value->>'seq')::int;
      update @.turns e set body = value->>'body' from jsonb_array_elements(p->'turns')
        where e.tenant = t and e.conversation_id = c and e.version = (value->>'version')::int;
      update @.keys e set receipt = value->>'receipt' from jsonb_array_elements(p->'keys')
        where e.tenant = t and e.conversation_id = c and e.name = value->>'name';
      return true;
    end
    $erase$;`
