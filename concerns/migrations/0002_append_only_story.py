"""A concern's story can't be rewritten; only `apply_retention` may, by a setting that ends with its transaction."""

from django.db import migrations

TRIGGER = """
create trigger story_append_only before update or delete on concerns_concernupdate
for each row execute function office_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("concerns", "0001_initial"), ("office", "0002_append_only")]

    operations = [migrations.RunSQL(TRIGGER, "drop trigger story_append_only on concerns_concernupdate")]
