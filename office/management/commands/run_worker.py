from typing import Any

from django.core.management.base import BaseCommand, CommandError

from office.worker import Worker


class Command(BaseCommand):
    help = "Sends waiting mail, processes photos and runs periodic jobs until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            worker = Worker()
        except ImportError as error:
            raise CommandError(f"WORKER_STEPS or PERIODIC_JOBS names something that doesn't exist: {error}") from error
        worker.stop_on_signals()
        worker.run()
