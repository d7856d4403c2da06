"""The audit trail can't be changed or deleted; only `apply_retention` may, by a setting that ends with its transaction."""

from django.db import migrations

FUNCTION = """
create function office_refuse_change() returns trigger language plpgsql as $$
begin
    if current_setting('saferoutes.retention', true) = 'on' then
        return coalesce(new, old);
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
"""

TRIGGER = """
create trigger audit_append_only before update or delete on office_auditevent
for each row execute function office_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("office", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTION, "drop function office_refuse_change()"),
        migrations.RunSQL(TRIGGER, "drop trigger audit_append_only on office_auditevent"),
    ]
