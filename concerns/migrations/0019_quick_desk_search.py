"""The desk's search and its filters "older" and "photo" stay quick with hundreds of thousands of concerns.

Made without locking the table: phones go on sending. The two indexes of the desk's tabs and pages get columns more and
new names; the old ones go when the new ones are there.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently, TrigramExtension
from django.db import migrations, models
from django.db.models import Q, Value
from django.db.models.functions import Concat, Upper

SEARCHED = Concat("address", Value("\n"), "note", Value("\n"), "city_case", output_field=models.TextField())


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("concerns", "0018_commitments_and_sheets")]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            "concern",
            GinIndex(
                OpClass(Upper(SEARCHED), name="gin_trgm_ops"),
                name="concern_words",
                condition=~Q(address="", note="", city_case=""),
            ),
        ),
        AddIndexConcurrently("externalcase", models.Index(Upper("number"), name="external_case_number")),
        AddIndexConcurrently(
            "concern",
            models.Index(
                fields=["publication", "status", "-received_at"], name="concern_tabs", include=["first_seen_at", "id"]
            ),
        ),
        AddIndexConcurrently(
            "concern",
            models.Index(
                fields=["-danger_now", "-received_at", "-id"], name="concern_newest", include=["first_seen_at"]
            ),
        ),
        RemoveIndexConcurrently("concern", "concern_queue"),
        RemoveIndexConcurrently("concern", "concern_desk_order"),
    ]
