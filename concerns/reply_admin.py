"""Words that organizers send often, in the admin: both languages, and for which kind and status they are offered."""

import re

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from concerns.models import ReplyTemplate
from office.desk_admin import DeskAdmin

KNOWN = re.compile(r"\{(category|place|status)\}")


class ReplyForm(forms.ModelForm):
    class Meta:
        model = ReplyTemplate
        fields = ["name", "category", "status", "text_en", "text_es", "position", "is_active"]
        widgets = {name: forms.Textarea(attrs={"rows": 5, "cols": 60}) for name in ("text_en", "text_es")}
        help_texts = {
            "text_en": gettext_lazy("{category}, {place} and {status} are filled in. The place is the public one."),
            "text_es": gettext_lazy("Empty: people who read Spanish get the English text."),
        }

    def _checked(self, name: str) -> str:
        """Any other brace would be sent as it stands, which is nearly always a slip."""
        text: str = self.cleaned_data[name]
        if re.search(r"[{}]", KNOWN.sub("", text)):
            raise forms.ValidationError(
                _("Only {category}, {place} and {status} are filled in. Take other braces away.")
            )
        return text

    def clean_text_en(self) -> str:
        return self._checked("text_en")

    def clean_text_es(self) -> str:
        return self._checked("text_es")


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(DeskAdmin):
    """One that was sent is put out of use, not deleted; what was sent stands in the concern's story anyway."""

    form = ReplyForm
    list_display = ("name", "category", "status", "position", "is_active")
    list_filter = ("status", "category", "is_active")
    list_select_related = ("category",)
    search_fields = ("name", "text_en", "text_es")
