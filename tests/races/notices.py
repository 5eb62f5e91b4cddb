"""Print the notices of the admin. Run ``python -m tests.races.notices``."""

import django


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    page = client.get("/admin/vonage_messages/message/").content.decode()
    print(page.partition('class="vonage-notices"')[2].partition("</section>")[0])  # noqa: T201


if __name__ == "__main__":
    main()
