import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from walks.invites import InviteRefused, check_open, field_link, letters_for
from walks.models import Walk


class Command(BaseCommand):
    help = "Prints the field link of a walk (what its QR code shows) for the walk's public id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("walk", metavar="WALK", type=uuid.UUID, help="the walk's public id")

    def handle(self, *args: Any, walk: uuid.UUID, **options: Any) -> None:
        found = Walk.objects.current().filter(public_id=walk).first()
        if found is None:
            raise CommandError(f"There is no walk {walk}. Its id stands in the address of its page.")
        self.stdout.write(field_link(found))
        self.stderr.write(f"Six letters for who can't scan: {letters_for(found)}")
        try:
            check_open(found, now=timezone.now())
        except InviteRefused as refused:
            self.stderr.write(f"It doesn't let phones in now: {refused.message}")
