from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("walks", "0007_from_plan_to_debrief")]

    operations = [
        migrations.AddField(
            model_name="noticeto",
            name="texted_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="When a service took a text message for them.",
                null=True,
            ),
        ),
    ]
