"""Contacts with words, the newest first: coordinators look at them with every list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outreach", "0007_hsds_ids")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("note", ""), _negated=True), fields=["-captured_at"], name="contact_with_words"
            ),
        ),
    ]
