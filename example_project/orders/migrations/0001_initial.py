import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=20, unique=True)),
                ("customer_name", models.CharField(max_length=80)),
                (
                    "phone",
                    models.CharField(
                        db_index=True,
                        help_text="Digits only, country code first: 447700900123.",
                        max_length=15,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[1-9]\\d{6,14}\\Z", "Write digits only, country code first."
                            )
                        ],
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("packing", "being packed"), ("shipped", "shipped")],
                        default="packing",
                        max_length=10,
                    ),
                ),
                ("shipped_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "text_status",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="What became of the latest text about this order.",
                        max_length=255,
                        verbose_name="text to the customer",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
    ]
