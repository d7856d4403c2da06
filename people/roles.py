"""Roles as data. A role is what somebody may do on the whole site; a walk's lead is named per walk."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    MEMBER = "member", _("member")
    ORGANIZER = "organizer", _("organizer")
    ADMIN = "admin", _("admin")


class OrganizationKind(models.TextChoices):
    SERVICE_PROVIDER = "service_provider", _("service provider")
    CITY_DEPARTMENT = "city_department", _("city department")
    COUNTY = "county", _("county")
    NEIGHBORHOOD = "neighborhood", _("neighborhood group")
    BUSINESS_ASSOCIATION = "business_association", _("business association")
    FAITH = "faith", _("faith community")
    SCHOOL = "school", _("school or college")
    POLICE = "police", _("police")
    SHERIFF = "sheriff", _("sheriff")
    PROSECUTOR = "prosecutor", _("prosecutor")
    PROBATION = "probation", _("probation and parole")
    CODE_ENFORCEMENT = "code_enforcement", _("code enforcement")
    OTHER = "other", _("other")


# Kept away from help requests and contacts whatever else they may do. An admin may wall more, never fewer.
WALLED_KINDS = frozenset(
    {
        OrganizationKind.POLICE,
        OrganizationKind.SHERIFF,
        OrganizationKind.PROSECUTOR,
        OrganizationKind.PROBATION,
        OrganizationKind.CODE_ENFORCEMENT,
    }
)


class AgeBand(models.TextChoices):
    UNDER_13 = "under_13", _("under 13")
    TEEN = "13_17", _("13–17")
    YOUNG_ADULT = "18_24", _("18–24")
    LATE_TWENTIES = "25_34", _("25–34")
    MIDDLE = "35_54", _("35–54")
    OLDER = "55_64", _("55–64")
    SENIOR = "65_plus", _("65 and over")
    UNKNOWN = "unknown", _("rather not say")


# Ages that may be stored with a person; children under 13 are only ever counted by heads.
STORED_AGE_BANDS = [band for band in AgeBand if band is not AgeBand.UNDER_13]
