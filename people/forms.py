from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from people.contact import normalize_phone, show_phone
from people.models import Organization, User
from people.paste import Line, kind_of, read_lines, same_name
from people.roles import WALLED_KINDS, OrganizationKind, Role

# Three form fields a line must stay within settings.DATA_UPLOAD_MAX_NUMBER_FIELDS.
MOST_LINES = 120


class OrganizationForm(forms.ModelForm):
    """One organization. The wall shows to admins only; for kinds that are always walled it is set by itself."""

    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https", max_length=200)

    class Meta:
        model = Organization
        fields = ["name", "kind", "email", "public_phone", "website", "is_walled"]
        help_texts = {
            "public_phone": _("Shown to everybody."),
            "email": _("For us. It isn’t shown to the public."),
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["public_phone"] = show_phone(self.instance.public_phone)
        if not by.is_admin:
            del self.fields["is_walled"]
        elif self.instance.is_walled:
            self.fields["is_walled"].disabled = True
            self.fields["is_walled"].help_text = _("A wall is never taken down.")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "is_walled" in self.fields and data.get("kind") in WALLED_KINDS:
            data["is_walled"] = True
        return data

    def clean_public_phone(self) -> str:
        typed = self.cleaned_data["public_phone"]
        return normalize_phone(typed) if typed else ""


class PasteForm(forms.Form):
    """Organizations pasted one per line, as “Name, kind”."""

    lines = forms.CharField(
        label=_("Organizations, one per line"),
        help_text=_("Name, then a comma and the kind: “Hearth and Key Housing, service provider”."),
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_lines(self) -> str:
        text = self.cleaned_data["lines"]
        lines = read_lines(text)
        if not lines:
            raise ValidationError(_("Write at least one name."))
        if len(lines) > MOST_LINES:
            raise ValidationError(
                _("These are %(n)d lines. Add %(most)d at a time."), params={"n": len(lines), "most": MOST_LINES}
            )
        for line in lines:
            if len(line.name) > 160:
                raise ValidationError(
                    _("Line %(number)d is longer than a name can be (160 letters). Shorten it."),
                    params={"number": line.number},
                )
        return text


class PastedOrganizationsForm(forms.Form):
    """The preview of a paste: each line with its name and kind to be set right, and whether to add it.

    A name that we have already, or that was pasted twice, is unticked and says so. Nothing gets lost: the whole text
    travels along.
    """

    lines = forms.CharField(widget=forms.HiddenInput, max_length=20_000, strip=False)

    def __init__(self, *args: Any, text: str, known: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = text
        self.known = {same_name(name): name for name in known}
        self.read = read_lines(text)[:MOST_LINES]
        seen: set[str] = set()
        self.doubles: dict[int, Any] = {}
        for line in self.read:
            key = same_name(line.name)
            if key in self.known:
                self.doubles[line.number] = _("We have “%(name)s” already.") % {"name": self.known[key]}
            elif key in seen:
                self.doubles[line.number] = _("It stands here twice.")
            seen.add(key)
            self._add_fields(line)

    def _add_fields(self, line: Line) -> None:
        n = line.number
        self.fields[f"add_{n}"] = forms.BooleanField(
            label=_("Add line %(n)d") % {"n": n}, required=False, initial=n not in self.doubles
        )
        self.fields[f"name_{n}"] = forms.CharField(
            label=_("Name in line %(n)d") % {"n": n}, max_length=160, required=False, initial=line.name
        )
        self.fields[f"kind_{n}"] = forms.ChoiceField(
            label=_("Kind in line %(n)d") % {"n": n},
            choices=[("", _("Choose the kind")), *OrganizationKind.choices],
            required=False,
            initial=line.kind,
        )

    def rows(self) -> list[dict[str, Any]]:
        """For the template: each line with its three fields and what to know about it."""
        return [
            {
                "line": line,
                "add": self[f"add_{line.number}"],
                "name": self[f"name_{line.number}"],
                "kind": self[f"kind_{line.number}"],
                "double": self.doubles.get(line.number, ""),
                "asks": bool(not line.kind and line.kind_word and not kind_of(line.kind_word)),
            }
            for line in self.read
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, int] = {}
        for line in self.read:
            n = line.number
            if not data.get(f"add_{n}"):
                continue
            name = " ".join((data.get(f"name_{n}") or "").split())
            if not name:
                self.add_error(f"name_{n}", _("Write the name, or take the tick away."))
                continue
            if not data.get(f"kind_{n}"):
                self.add_error(f"kind_{n}", _("Say what kind “%(name)s” is.") % {"name": name})
            if same_name(name) in self.known:
                self.add_error(f"name_{n}", _("We have “%(name)s” already. Take the tick away.") % {"name": name})
            if same_name(name) in taken:
                self.add_error(
                    f"name_{n}", _("It is the same as line %(n)d. Take one tick away.") % {"n": taken[same_name(name)]}
                )
            taken[same_name(name)] = n
        return data

    def chosen(self) -> list[tuple[str, str]]:
        """Names and kinds to add, in the order of the lines."""
        data = self.cleaned_data
        return [
            (" ".join(data[f"name_{line.number}"].split()), data[f"kind_{line.number}"])
            for line in self.read
            if data.get(f"add_{line.number}")
        ]


class ColleagueForm(forms.Form):
    """Invite somebody to the desk. The role shows to admins only: an organizer may promote nobody."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail"), help_text=_("They get a link to choose a password."))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.ORGANIZER)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by.is_admin:
            del self.fields["role"]


class MergeForm(forms.Form):
    """Which record stays, and why the two are the same."""

    keep = forms.ModelChoiceField(
        label=_("It is the same as"),
        queryset=Organization.objects.none(),
        help_text=_("That one stays and gets everything. This one’s old links lead there."),
        to_field_name="public_id",
        error_messages={"invalid_choice": _("Choose one from the list.")},
    )
    reason = forms.CharField(
        label=_("Why they are the same"), max_length=300, help_text=_("One sentence. It is kept with the merge.")
    )
    pass_consents = forms.BooleanField(
        label=_("What people agreed to with this one holds for the other one, too. I have checked."),
        required=False,
        help_text=_("Leave it empty if you aren’t sure: then each yes has to be given again."),
    )

    def __init__(self, *args: Any, others: Any, has_consents: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["keep"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = others
        if not has_consents:
            del self.fields["pass_consents"]
