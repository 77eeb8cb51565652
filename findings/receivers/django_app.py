from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from verify import status_of

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="not a secret",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
)


@csrf_exempt
def receive(request):
    return HttpResponse(status=status_of(request.body, request.headers))


urlpatterns = [path("hooks/", receive)]
app = get_wsgi_application()
