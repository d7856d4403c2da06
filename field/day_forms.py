"""What people at the table type on the day board."""

from django import forms
from django.utils.translation import gettext_lazy as _

from walks.models import Incident

MOST_NOTE = Incident._meta.get_field("handled_note").max_length


class HandleForm(forms.Form):
    """“I take care of it”: what is done, if there is time to write it, and which version the person saw."""

    note = forms.CharField(
        max_length=MOST_NOTE,
        required=False,
        error_messages={
            "max_length": _("The note is too long: %(show_value)d of %(limit_value)d characters. Make it shorter.")
        },
    )
    seen = forms.CharField(
        max_length=40,
        error_messages={"required": _("Open this page again and look at it, then take care of it.")},
    )
