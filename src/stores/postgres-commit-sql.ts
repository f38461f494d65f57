/**
 * The one write of conversation state, as one statement: a call of this function. It takes its locks in one order (the conversation, agents
 * by id, records by name), judges on what it has locked, and raises (which takes everything back) when a part meets fewer rows than it must. `@` stands for the schema.
 */
export const COMMIT = `
    create function @.commit_conversation(asked text) returns text language plpgsql as $commit$
    declare
      p constant jsonb := asked::jsonb;
      t constant text := p->>'tenant';
      c constant text := p->>'id';
      expected constant int := (p->>'expect')::int;
      r constant jsonb := p->'row';
      known int;
      touched int;
      item jsonb;
      agent record;
      prior record;
      sums jsonb := '{}';
      held double precision;
      added double precision;
      changed_agents text;
    begin
      select version into known from @.conversations where tenant = t and id = c for update;
      if p ? 'key' then
        select body_hash, receipt into prior from @.keys
          where tenant = t and conversation_id = c and name = p->'key'->>'name';
        if found then
          return json_build_object('status', 'duplicate', 'body_hash', prior.body_hash, 'receipt', prior.receipt);
        end if;
      end if;
      if coalesce(known, 0) <> expected then return '{"status":"conflict"}'; end if;
      if p ? 'fence' then
        perform 1 from @.leases where tenant = t and name = p->'fence'->>'name'
          and epoch = (p->'fence'->>'epoch')::int for share;
        if not found then return '{"status":"fenced"}'; end if;
      end if;
      if p->>'openKey' is not null then
        perform 1 from @.conversations where tenant = t and open_key = p->>'openKey' and id <> c;
        if found then return '{"status":"conflict"}'; end if;
      end if;

      if p ? 'slots' then
        perform 1 from @.agents where tenant = t and id in (select value->>'agentId' from jsonb_array_elements(p->'slots'))
          order by id for update;
      end if;
      for item in select value from jsonb_array_elements(p->'records') order by value->>'plugin', value->>'key' loop
        select version into known from @.records
          where tenant = t and plugin = item->>'plugin' and key = item->>'key' for update;
        if not found then known := 0; end if;
        if item ? 'ifVersion' and (item->>'ifVersion')::int <> known then return '{"status":"conflict"}'; end if;
      end loop;
      for item in select value from jsonb_array_elements(p->'slots') loop
        continue when item->>'op' = 'phase';
        held := 0;
        if item->>'op' <> 'take' then
          select units into held from @.holds where tenant = t and hold_id = item->>'holdId';
          if not found then
            continue when item->>'op' = 'weigh';
            held := 0;
          end if;
        end if;
        added := coalesce((sums->>(item->>'agentId'))::double precision, 0) - held
          + case when item->>'op' = 'release' then 0 else (item->>'units')::double precision end;
        if item->>'op' <> 'release' then
          select * into agent from @.agents where tenant = t and id = item->>'agentId' and not is_removed;
          if not found then
            continue when item->>'op' = 'weigh';
            return json_build_object('status', 'refused', 'code', 'AGENT_GONE', 'agentId', item->>'agentId');
          end if;
          if item->>'op' = 'take' and agent.presence <> 'online' and not item ? 'force' then
            return json_build_object('status', 'refused', 'code', 'AGENT_GONE', 'agentId', item->>'agentId');
          end if;
          if agent.units + added > agent.capacity and (item->>'units')::double precision > held and not item ? 'force' then
            return json_build_object('status', 'refused', 'code', 'NO_CAPACITY', 'agentId', item->>'agentId');
          end if;
        end if;
        sums := sums || jsonb_build_object(item->>'agentId', added);
      end loop;

      if r is not null and expected = 0 then
        insert into @.conversations (tenant, id, version, customer_id, agent_id, phase, closed_at, open_key, next_due_at,
            is_pending, entry_count, previous_id, erased_version, customer, pages, snapshot)
          values (t, c, 1, r->>'customerId', r->>'agentId', r->>'phase', (r->>'closedAt')::double precision, p->>'openKey',
            (p->>'nextDueAt')::double precision, (r->>'isPending')::boolean, (r->>'entryCount')::int, r->>'previousId',
            (r->>'erasedVersion')::int, r->>'customer', r->>'pages', r->>'snapshot')
          on conflict do nothing;
        get diagnostics touched = row_count;
        if touched = 0 then return '{"status":"conflict"}'; end if;
      elsif r is not null then
        update @.conversations set version = expected + 1, customer_id = r->>'customerId', agent_id = r->>'agentId',
            phase = r->>'phase', closed_at = (r->>'closedAt')::double precision,
            open_key = case when p ? 'openKey' then p->>'openKey' else open_key end,
            next_due_at = (p->>'nextDueAt')::double precision, is_pending = (r->>'isPending')::boolean,
            entry_count = (r->>'entryCount')::int, previous_id = r->>'previousId',
            erased_version = (r->>'erasedVersion')::int,
            customer = r->>'customer', pages = r->>'pages', snapshot = r->>'snapshot'
          where tenant = t and id = c and version = expected;
        get diagnostics touched = row_count;
        if touched <> 1 then raise exception 'maitred: the conversation has moved on' using errcode = 'MT409'; end if;
      end if;
      if p ? 'key' and (r is not null or expected > 0) then
        insert into @.keys values (t, c, p->'key'->>'name', p->'key'->>'bodyHash', p->'key'->>'receipt');
      end if;
      if p ? 'entries' then
        insert into @.entries select t, c, (value->>'seq')::int, value->>'body' from jsonb_array_elements(p->'entries');
      end if;
      if p ? 'turn' then
        insert into @.turns values (t, c, (p->'turn'->>'version')::int, p->'turn'->>'body');
      end if;

      for item in select value from jsonb_array_elements(p->'slots') loop
        if item->>'op' = 'take' then
          insert into @.holds values (t, item->>'holdId', item->>'agentId', c, (item->>'units')::double precision, item->>'phase');
          update @.agents a set units = a.units + (item->>'units')::double precision,
              last_assigned_at = (p->>'at')::double precision, version = a.version + 1, changed = pg_current_xact_id()
            where tenant = t and id = item->>'agentId';
          get diagnostics touched = row_count;
          if touched <> 1 then raise exception 'maitred: no agent to take a seat at' using errcode = 'MT409'; end if;
        elsif item->>'op' = 'phase' then
          update @.holds set phase = item->>'phase' where tenant = t and hold_id = item->>'holdId';
        elsif item->>'op' = 'weigh' then
          select units into held from @.holds where tenant = t and hold_id = item->>'holdId';
          if found then
            update @.holds set units = (item->>'units')::double precision where tenant = t and hold_id = item->>'holdId';
            update @.agents a set units = a.units - held + (item->>'units')::double precision,
                version = a.version + 1, changed = pg_current_xact_id()
              where tenant = t and id = item->>'agentId';
          end if;
        else
          delete from @.holds h where tenant = t and hold_id = item->>'holdId' returning h.units into held;
          if found then
            update @.agents a set units = a.units - held, last_freed_at = (p->>'at')::double precision,
                presence_at = case when item ? 'away' and a.presence = 'online' then (p->>'at')::double precision else a.presence_at end,
                presence = case when item ? 'away' and a.presence = 'online' then 'away' else a.presence end,
                version = a.version + 1, changed = pg_current_xact_id()
              where tenant = t and id = item->>'agentId';
          end if;
        end if;
      end loop;
      if p ? 'queue' then
        insert into @.queue values (t, c, p->>'queue', null, pg_current_xact_id())
          on conflict (tenant, conversation_id) do update set body = excluded.body, left_at = null, changed = excluded.changed;
      elsif p ? 'leaves' then
        update @.queue set body = null, left_at = (p->>'at')::double precision, changed = pg_current_xact_id()
          where tenant = t and conversation_id = c and body is not null;
      end if;
      for item in select value from jsonb_array_elements(p->'records') loop
        insert into @.records as old values (t, item->>'plugin', item->>'key', item->>'value', 1)
          on conflict (tenant, plugin, key) do update set value = excluded.value, version = old.version + 1
            where not item ? 'ifVersion' or old.version = (item->>'ifVersion')::int;
        get diagnostics touched = row_count;
        if touched <> 1 then raise exception 'maitred: a record has moved on' using errcode = 'MT409'; end if;
      end loop;
      if p ? 'outbox' then
        insert into @.outbox (tenant, id, topic, conversation_id, body, leased_until)
          select t, value->>'id', value->>'topic', value->>'conversationId', value->>'body',
              coalesce((value->>'heldUntil')::double precision, 0)
            from jsonb_array_elements(p->'outbox') on conflict do nothing;
      end if;

      if p ? 'slots' then
        select json_agg(json_build_object('id', id, 'profile', profile, 'presence', presence, 'presence_until', presence_until,
            'presence_at', presence_at, 'units', a.units, 'outside', outside, 'last_assigned_at', last_assigned_at,
            'last_freed_at', last_freed_at, 'version', version)) into changed_agents
          from @.agents a where tenant = t and not is_removed
            and id in (select value->>'agentId' from jsonb_array_elements(p->'slots'));
      end if;
      return '{"status":"ok","agents":' || coalesce(changed_agents, '[]') || '}';
    end
    $commit$;`
