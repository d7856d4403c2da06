"""Two years of outreach for `script/bench outreach`, made in the database by a few statements. The same in every run.

Agencies get requests as they do in life: a few of them most, the last two months' partly open, the older ones ended.
Walks and concerns are those of `script/bench life`, the walks spread over two years.
"""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import life_data
from bench.life_data import insert

N_AGENCIES, N_SERVICES, N_SHOPS, N_PROMISES, N_MEETINGS = 60, 400, 220, 600, 24
BUSIEST = "Bench Agency 1"
# Ten requests make fourteen referrals: two in five of them were for two agencies.
REFERRALS_OF_TEN = 14
ENDS = [("completed", 45), ("rejected", 15), ("failed", 25), ("cancelled", 15)]
REASONS = {"completed": "got_help", "rejected": "no_capacity", "failed": "not_reached", "cancelled": "passed_on"}


def fill(*, contacts: int, referrals: int, concerns: int) -> None:
    """Load everything and let Postgres look at it."""
    load(contacts=contacts, referrals=referrals, concerns=concerns)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


@transaction.atomic
def load(*, contacts: int, referrals: int, concerns: int) -> None:
    from office.models import Coalition

    life_data.load(concerns)
    coalition = Coalition.current()
    coalition.set_up_at = timezone.now()
    coalition.save()
    with connection.cursor() as cursor:
        cursor.execute("select setseed(0.2026)")
        _two_years_of_walks(cursor)
        _agencies(cursor)
        _services(cursor)
        _shops(cursor)
        _contacts(cursor, contacts)
        _requests(cursor, referrals * 10 // REFERRALS_OF_TEN, contacts)
        _referrals(cursor)
        _consents(cursor)
        _stories(cursor)
        _table(cursor)


def keep_weeks(n: int) -> Any:
    """Count last week as its page is counted, and put as many like it before it. Answers the Monday counted."""
    from insights.models import Snapshot
    from insights.week_days import monday_of
    from insights.week_keeping import make_week
    from office.models import Coalition

    now = timezone.now()
    monday = monday_of(timezone.localdate(now, Coalition.current().zone)) - timedelta(weeks=1)
    made = make_week(monday, now=now)
    Snapshot.objects.bulk_create(
        Snapshot(
            kind=made.kind,
            starts_on=made.starts_on - timedelta(weeks=back),
            ends_on=made.ends_on - timedelta(weeks=back),
            numbers=made.numbers,
            definitions=made.definitions,
            made_at=made.made_at - timedelta(weeks=back),
            sent_at=made.made_at - timedelta(weeks=back),
        )
        for back in range(1, n)
    )
    return monday


def busiest() -> Any:
    """Somebody who works at the agency with the most open referrals, and at a department with work on the streets."""
    from people.models import Membership, Organization, User

    agency = Organization.objects.get(name=BUSIEST)
    user = User.objects.create_user(email="bench-agency@example.org", name="Petra Oakes", password=None)
    department = Organization.objects.get(name="Bench Department 0")
    Membership.objects.bulk_create(Membership(person=user.person, organization=one) for one in (agency, department))
    return user


def _two_years_of_walks(cursor: Any) -> None:
    """A walk as old as half a year was a year ago."""
    cursor.execute("""
        update walks_walk set meet_at = meet_at - age, step_off_at = step_off_at - age, end_at = end_at - age
          from (select id, now() - meet_at as age from walks_walk) past
         where past.id = walks_walk.id and past.age > interval '1 day'
    """)


def _agencies(cursor: Any) -> None:
    from outreach.models import Listing
    from people.models import Organization

    insert(
        cursor, Organization, f"generate_series(1, {N_AGENCIES}) n", name="'Bench Agency ' || n",
        email="'intake' || n || '@example.org'", kind="'service_provider'",
    )  # fmt: skip
    insert(
        cursor, Listing, "people_organization o where o.name like 'Bench Agency %%' order by o.id",
        organization_id="o.id", description="'Helps people of the avenue since ' || 1950 + mod(o.id, 60)",
        assured_on="current_date - mod(o.id, 300)::int",
    )  # fmt: skip
    cursor.execute("""
        create temp table agency on commit drop as
        select id, row_number() over (order by id) - 1 as k from people_organization where name like 'Bench Agency %%'
    """)


def _needs(n: str) -> str:
    """SQL for one need or two, by a number."""
    from outreach.models import Need

    words = "array[" + ", ".join(f"'{need}'" for need in Need.values) + "]::varchar[]"
    first, second = f"mod({n}, {len(Need.values)})", f"mod({n} * 5 + 1, {len(Need.values)})"
    one = f"({words})[1 + {first}]"
    two = f"mod({n}, 10) < 4 and {first} <> {second}"
    return f"case when {two} then array[{one}, ({words})[1 + {second}]] else array[{one}] end"


def _services(cursor: Any) -> None:
    """Open on weekdays, every third day and night; one in four only for some corridors."""
    from outreach.models import Service, ServiceHours

    insert(
        cursor, Service, f"generate_series(1, {N_SERVICES}) n join agency a on a.k = mod(n, {N_AGENCIES}) order by n",
        organization_id="a.id", name="'Help of kind ' || n", needs=_needs("n"),
        description="'Food, advice and somebody who listens, ' || n",
        languages="case mod(n, 3) when 0 then array['en', 'es'] when 1 then array['en'] else array['en', 'vi'] end",
        capacity="(array['open', 'limited', 'waitlist', 'closed'])[1 + mod(n, 4)]",
        address="3500 + n || ' Bench Avenue 1'", phone="'+18165550142'",
        minimum_age="case when mod(n, 5) = 0 then 18 end", assured_on="current_date - mod(n, 300)",
        location="st_setsrid(st_makepoint(-94.56 + mod(n, 100) * 0.0001, 39.09 + mod(n, 90) * 0.0003), 4326)",
    )  # fmt: skip
    insert(
        cursor, ServiceHours, "outreach_service s, generate_series(0, 6) day where day < 5 or mod(s.id, 3) = 0",
        service_id="s.id", weekday="day",
        opens_at="case when mod(s.id, 3) = 0 then time '00:00' else time '09:00' end",
        closes_at="case when mod(s.id, 3) = 0 then time '23:59:59' else time '17:00' end",
    )  # fmt: skip
    cursor.execute("""
        insert into outreach_service_corridors (service_id, corridor_id)
        select s.id, c.id from outreach_service s join corridors_corridor c on mod(c.id + s.id, 4) = 0
         where mod(s.id, 4) = 0
    """)


def _shops(cursor: Any) -> None:
    from corridors.models import Landmark
    from outreach.models import Shop, ShopNote

    streets = "(select *, row_number() over (order by id) - 1 as i, count(*) over () as n_all from corridors_corridor)"
    insert(
        cursor, Landmark, f"generate_series(1, {N_SHOPS}) n join {streets} c on c.i = mod(n, c.n_all) order by n",
        name="'Bench Bakery ' || n", kind="'business'", corridor_id="c.id", address="3500 + n || ' ' || c.name",
        location="st_translate(st_lineinterpolatepoint(c.line, mod(n * 37, 100) / 100.0), 0, 0.0001)",
    )  # fmt: skip
    insert(
        cursor, Shop, "corridors_landmark l where mod(l.id, 4) > 0 order by l.id", landmark_id="l.id",
        hours="'Mo to Sa 9 to 6'", language="case when mod(l.id, 3) = 0 then 'es' else 'en' end",
        call_back_on="case when mod(l.id, 9) = 0 then current_date - 3 end", do_not_visit="mod(l.id, 20) = 1",
        do_not_visit_since="case when mod(l.id, 20) = 1 then current_date - 90 end",
    )  # fmt: skip
    insert(
        cursor, ShopNote, "outreach_shop s where mod(s.id, 2) = 0 order by s.id", shop_id="s.id",
        asked="'A lamp by the door'", happened="'It was mended'", told_on="current_date - mod(s.id, 60)::int",
    )  # fmt: skip


def _contacts(cursor: Any, n: int) -> None:
    """Each on a walk that was, on its corridor; three in ten in a shop, one in five with words."""
    from outreach.models import Contact

    kinds = [("business", 30), ("resident", 40), ("passer_by", 20), ("door", 10)]
    results = [("talked", 45), ("no_one", 25), ("declined", 15), ("left_material", 10), ("language", 5)]
    cursor.execute(f"""
        create temp table met on commit drop as
        with past as (
          select array_agg(id order by id) as ids from walks_walk where end_at < now()
        ), blocks as (
          select corridor_id, array_agg(id order by position) as ids from corridors_segment group by corridor_id
        ), shops as (
          select corridor_id, array_agg(id order by id) as ids
            from corridors_landmark where kind = 'business' group by corridor_id
        ), rolls as (
          select n, random() as a, 100 * random() as b, 100 * random() as c from generate_series(1, {int(n)}) n
        )
        select r.n, w.id as walk_id, b.ids[1 + mod(r.n, cardinality(b.ids))] as segment_id,
               s.ids[1 + mod(r.n, cardinality(s.ids))] as shop_id,
               w.meet_at + interval '2 minutes' * mod(r.n, 60) as at,
               {life_data._by_share(kinds, "r.b")} as kind, {life_data._by_share(results, "r.c")} as result
          from rolls r cross join past p
          join walks_walk w on w.id = p.ids[1 + floor(r.a * cardinality(p.ids))::int]
          join blocks b on b.corridor_id = w.corridor_id
          join shops s on s.corridor_id = w.corridor_id
    """)  # noqa: S608 - our own words only
    insert(
        cursor, Contact, "met m order by m.n", walk_id="m.walk_id", segment_id="m.segment_id", kind="m.kind",
        result="m.result", needs=f"case when m.result = 'talked' then {_needs('m.n')} else array[]::varchar[] end",
        landmark_id="case when m.kind = 'business' then m.shop_id end",
        side="case when mod(m.n, 2) = 0 then 'left' else 'right' end",
        note="case when mod(m.n, 50) = 0 then 'Ask for Mrs. Quarles ' || m.n when mod(m.n, 5) = 0 then "
             "'Asks for light at the stop' else '' end",
        captured_at="m.at", received_at="m.at",
    )  # fmt: skip


def _requests(cursor: Any, n: int, n_contacts: int) -> None:
    """Over two years, each of a talk where there were enough; what is older than two months is closed mostly."""
    from outreach.models import HelpRequest

    cursor.execute(f"""
        create temp table wish on commit drop as
        select n, now() - interval '2 years' * random() as at, 100 * random() as roll, {_needs("n")} as needs
          from generate_series(1, {int(n)}) n
    """)  # noqa: S608
    old = "w.at < now() - interval '60 days'"
    n_met = n_contacts // 3
    insert(
        cursor, HelpRequest, "wish w order by w.n", form_token="gen_random_uuid()",  # noqa: S106
        code_hmac="md5('a' || w.n) || md5('b' || w.n)", needs="w.needs", created_at="w.at",
        source="case when mod(w.n, 3) = 0 then 'page' else 'walk' end",
        contact_id=f"case when w.n <= {n_met} then (select min(id) from outreach_contact) + 3 * (w.n - 1) end",  # noqa: S608
        name="'Nadia Quarles ' || w.n", phone="'+18165550142'", note="'Two children at home'",
        touched_at="w.at + interval '3 days'", language="case when w.roll < 30 then 'es' else 'en' end",
        closed_at=f"case when {old} and w.roll < 95 then w.at + interval '30 days' end",
        closed_by=f"case when {old} and w.roll < 95 then 'coordinator' else '' end",
    )  # fmt: skip


def _referrals(cursor: Any) -> None:
    """One or two of each request. Open is what is young, half of it unanswered; an old open request has one that is."""
    from outreach.models import Referral

    cursor.execute(f"""
        create temp table asked on commit drop as
        with rolls as (
          select w.*, h.id as request_id, h.closed_at is null as is_open, power(random(), 2) as a,
                 100 * random() as b, 100 * random() as c
            from wish w join outreach_helprequest h on h.code_hmac = md5('a' || w.n) || md5('b' || w.n)
        )
        select r.*, t, mod(floor(r.a * {N_AGENCIES})::int + t, {N_AGENCIES}) as k,
               case when r.is_open and (t = 1 or r.b < 40) and r.c < 80
                    then (case when r.c < 30 then 'requested' when r.c < 40 then 'received'
                               when r.c < 60 then 'accepted' else 'in-progress' end)
                    else {life_data._by_share(ENDS, "mod((r.b * 7)::int, 100)")} end as state
          from rolls r, generate_series(0, 1) t where t = 0 or mod(r.n, 10) < 4
    """)  # noqa: S608
    ended = "m.state in ('completed', 'rejected', 'failed', 'cancelled')"
    reasons = " ".join(f"when '{state}' then '{why}'" for state, why in REASONS.items())
    answered = "m.state not in ('requested', 'received', 'cancelled')"
    insert(
        cursor, Referral, "asked m join agency a on a.k = m.k order by m.n, m.t", help_request_id="m.request_id",
        organization_id="a.id", need="m.needs[1 + case when cardinality(m.needs) > m.t then m.t else 0 end]",
        mode="case when m.roll >= 90 then 'logged' else 'live' end", state="m.state",
        outcome=f"case when {ended} then case m.state {reasons} end else '' end",
        sent_at="m.at + m.t * interval '5 days'", due_at="m.at + interval '2 days' + m.t * interval '5 days'",
        answered_at=f"case when {answered} then m.at + interval '1 hour' * m.c end",
        closed_at=f"case when {ended} then m.at + interval '20 days' end",
        closed_by=f"case when {ended} then 'agency' else '' end", mailed_at="m.at + interval '1 minute'",
        words="case when m.b < 30 then 'After five, please' else '' end",
    )  # fmt: skip


def _consents(cursor: Any) -> None:
    """Six in ten for the agencies by name, three for the need alone, one to be called; one in thirty taken back."""
    from outreach.models import Consent

    given: dict[str, str] = {
        "help_request_id": "m.request_id", "how": "'spoken'", "given_at": "m.at",
        "expires_at": "m.at + interval '365 days'",
        "withdrawn_at": "case when mod(m.n, 30) = 0 then m.at + interval '15 days' end",
    }  # fmt: skip
    named = "(select distinct on (request_id, k) * from asked where roll < 60) m join agency a on a.k = m.k"
    insert(
        cursor, Consent, named, scope="'named'", organization_id="a.id", **given,
    )  # fmt: skip
    scope = "case when m.roll < 90 then 'need_only' else 'call_me' end"
    insert(cursor, Consent, "asked m where m.roll >= 60 and m.t = 0", scope=scope, **given)


def _stories(cursor: Any) -> None:
    from outreach.models import ReferralUpdate

    lines: list[tuple[str, dict[str, str]]] = [
        ("true", {"at": "r.sent_at", "party": "'coordinator'", "to_state": "'requested'"}),
        ("r.answered_at is not null", {
            "at": "r.answered_at", "party": "'agency'", "from_state": "'requested'", "to_state": "'accepted'"}),
        ("r.closed_at is not null", {
            "at": "r.closed_at", "party": "'agency'", "from_state": "'accepted'", "to_state": "r.state",
            "outcome": "r.outcome", "note": "'They came by twice'"}),
    ]  # fmt: skip
    for where, values in lines:
        insert(
            cursor, ReferralUpdate, f"outreach_referral r where {where} order by r.id",
            referral_id="r.id", kind="'state'", **values,
        )  # fmt: skip


def _table(cursor: Any) -> None:
    """Who came and who pledged, what was promised, who sat at the table: for the week's page and partners' record."""
    from concerns.models import Commitment
    from walks.models import Attendance, Meeting, Pledge, Presence

    past = "walks_walk w join agency a on mod(a.k + w.id, 12) = 0 where w.end_at < now()"
    insert(
        cursor, Pledge, past, walk_id="w.id", organization_id="a.id", n_people="1 + mod(a.k, 4)",
        asked_at="w.meet_at - interval '20 days'", answered_at="w.meet_at - interval '10 days'",
    )  # fmt: skip
    insert(
        cursor, Presence, past.replace("12", "6"), walk_id="w.id", organization_id="a.id", name="'Wren Applegate'",
        method="'walk_up'", arrived_at="w.meet_at", received_at="w.meet_at",
    )  # fmt: skip
    agencies = f"join agency a on a.k = mod(n, {N_AGENCIES})"
    due = f"current_date - {365 * 2} + (n * {365 * 2} / {N_PROMISES})"
    insert(
        cursor, Commitment, f"generate_series(1, {N_PROMISES}) n {agencies} order by n",
        text="'We bring food, time ' || n", organization_id="a.id", due_on=due, first_due_on=due,
        state="case when mod(n, 6) = 0 then 'open' when mod(n, 6) = 1 then 'broken' else 'kept' end",
        kept_on=f"case when mod(n, 6) > 1 then {due} + mod(n, 3) - 1 end",
        settled_at=f"case when mod(n, 6) > 0 then {due} end",
    )  # fmt: skip
    insert(
        cursor, Meeting, f"generate_series(1, {N_MEETINGS}) n order by n", title="'Table ' || n",
        starts_at="now() - interval '1 month' * n + interval '10 days'", place="'Library'",
        counted_at="now() - interval '1 month' * n + interval '11 days'",
    )  # fmt: skip
    insert(
        cursor, Attendance, "walks_meeting m join agency a on mod(a.k + m.id, 5) = 0",
        meeting_id="m.id", organization_id="a.id", n_people="1 + mod(a.k, 2)", age_band="'unknown'", role="'attended'",
    )  # fmt: skip
